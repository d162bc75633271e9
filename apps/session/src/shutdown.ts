import { type Logger } from '@portcullis/platform-telemetry';

export interface StopOptions {
  /** A supervisor keeps our standard input open; its end is ours. */
  readonly supervised: boolean;
  readonly log: Logger;
  readonly close: () => Promise<void>;
}

/** Longer than the wire gives running requests to end. */
const DEADLINE_MS = 8000;

/** SIGTERM, SIGINT or the supervisor's end: no more work is taken, what runs is finished, the process ends. SIGHUP opens the log file anew. */
export function stopOnSignals({ supervised, log, close }: StopOptions): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    log.info(`Shutting down: ${why}`);
    const deadline = setTimeout(() => process.exit(1), DEADLINE_MS);
    void close()
      .catch((error: unknown) => {
        log.error('Shutdown was not clean', { error: String(error) });
      })
      .then(() => log.flush())
      .then(() => {
        clearTimeout(deadline);
        process.exit(0);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  process.on('SIGHUP', log.reopen);
  if (!supervised) return;
  process.stdin.resume();
  process.stdin.once('close', () => {
    stop('the supervisor ended');
  });
}
