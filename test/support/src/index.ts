/** The harness of the tests: real processes, random ports, deadlines. */
export {};
