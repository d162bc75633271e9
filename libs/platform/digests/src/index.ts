/** Makes and checks password digests in bounded slots. */
export { createDigests, type Digests } from './create-digests.js';
export { decoyDigest, decoyLike } from './decoy.js';
export { type DigestOptions } from './digest-options.js';
export { DigestsError, type DigestsErrorCode } from './digests-error.js';
