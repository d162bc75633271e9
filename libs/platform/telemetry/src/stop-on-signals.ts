import type { Logger } from './logger.js';
import { sharedProcess } from './one-process.js';

export interface StopOptions {
  /** A supervisor keeps our standard input open; its end is ours. */
  readonly supervised: boolean;
  readonly logger: Logger;
  readonly close: () => Promise<void>;
  /** How long closing may take before the process ends anyway. */
  readonly deadlineMs: number;
}

/** SIGTERM, SIGINT or the supervisor's end: no more work is taken, what runs is finished, the process ends. SIGHUP opens the log file anew. */
export function stopOnSignals(options: StopOptions): void {
  const shared = sharedProcess();
  if (shared === undefined) stopAtSignal(options);
  else shared.addStop(options);
}

/** The same for a process of several services, which end with it. */
export function stopAtSignal({ supervised, logger, close, deadlineMs }: StopOptions): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info(`Shutting down: ${why}`);
    const deadline = setTimeout(() => process.exit(1), deadlineMs);
    void close()
      .catch((error: unknown) => {
        logger.error('Shutdown was not clean', { error: String(error) });
      })
      .then(() => logger.flush())
      .then(() => {
        clearTimeout(deadline);
        process.exit(0);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  process.on('SIGHUP', logger.reopen);
  if (!supervised) return;
  process.stdin.resume();
  process.stdin.once('close', () => {
    stop('the supervisor ended');
  });
}
