/** When a session is live, idle, expired or elevated: values and a clock in, a state out. */
export {};
