/** Logs, metrics, health and request ids. */
export {};
