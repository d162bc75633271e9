/** Requests and events between services over Redis: one handler, deadlines, three distinct faults, sealed. */
export {};
