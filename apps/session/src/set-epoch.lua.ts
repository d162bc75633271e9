import { script } from '@portcullis/platform-redis';

/**
 * Says that the endings in force were replayed on this process, unless it is another by now.
 *
 * KEYS 1 epoch (string)
 * ARGV 1 run_id of the process they were replayed on
 * returns 1 if it was set, 0 if this is another process
 */
export const setEpoch = script(
  'set-epoch',
  `
if string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`,
  // Without it nobody who is signed in gets through.
  { allowOom: true },
);
