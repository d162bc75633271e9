/** What the identity service answers. */
export {};
