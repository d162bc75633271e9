/** Files, environment and secrets to one plain tree, with every problem named at once. */
export {};
