/** Authenticated encryption with a key ring: the first key seals, every key opens. */
export { createKeyRing, type KeyRing } from './key-ring.js';
export { deriveSecret, keyedHash } from './derive.js';
export { SealError, type SealErrorCode } from './seal-error.js';
