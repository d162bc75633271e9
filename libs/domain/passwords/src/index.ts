/** Password policy and the grammar of password digests. */
export { checkPassword, type PasswordFailure, type PasswordPolicy, type PasswordVerdict } from './policy.js';
export { loadScore, type ScoreOf } from './score.js';
export { MAX_PASSWORD_BYTES, isHashable, maxPasswordBytes } from './limits.js';
export { describeDigestProblem, parseDigest } from './digest.js';
export { type Digest } from './digest-families.js';
export { DIGEST_DEFAULTS, digestOptionProblems, type DigestAlgorithm, type DigestOptions } from './digest-options.js';
