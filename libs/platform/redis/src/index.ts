/** One way to connect to Redis: single, Sentinel, TLS or unix socket. */
export {};
