/** Every configuration key: its name, type, default and state. */
export {};
