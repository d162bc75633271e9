/** Password policy and the grammar of password digests. */
export {};
