/** A replica reports this often, and counts as dead after the silence of DEAD_AFTER_MS. */
export const REPORT_EVERY_MS = 500;
export const DEAD_AFTER_MS = 2000;

/** What a call waits for a connection that is not up, before it says that Redis is away. */
export const CONNECT_WAIT_MS = 500;

/** Between the questions to a lane where somebody listens whom Redis does not know yet. */
export const ASK_AGAIN_MS = [20, 40, 80, 160] as const;
