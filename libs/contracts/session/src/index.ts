/** What the session service answers, the record it keeps, and the Redis keys it owns. */
export { device, profile, sessionRecord, type Profile, type SessionRecord } from './record.js';
export { SESSION_SEAL_PURPOSE, sessionKeysUnder, type SessionKeys } from './keys.js';
export { endReason, sessionContract, sessionSummary, type EndReason, type SessionSummary } from './contract.js';
