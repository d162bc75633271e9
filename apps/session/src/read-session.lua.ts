import { script } from '@portcullis/platform-redis';
import { REPLAYED } from './replayed.lua.js';

/**
 * KEYS 1 session (string), 2 epoch (string)
 * returns { not_replayed }, { gone } or { found, sealed record }
 */
export const readSession = script(
  'read-session',
  `${REPLAYED}
if not replayed(KEYS[2]) then return { 'not_replayed' } end
local sealed = redis.call('GET', KEYS[1])
if sealed then return { 'found', sealed } end
return { 'gone' }
`,
);
