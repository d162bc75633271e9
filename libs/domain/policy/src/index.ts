/** Access rules compiled once: who may open what, and why. */
export {};
