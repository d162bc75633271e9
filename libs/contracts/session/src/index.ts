/** What the session service answers, and the record it keeps. */
export {};
