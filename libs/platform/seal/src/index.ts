/** Authenticated encryption with a key ring: the first key seals, every key opens. */
export {};
