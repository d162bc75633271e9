import type { Logger } from '@portcullis/platform-telemetry';

const EVERY_MS = 600_000;

/** Runs the clean-ups now and every ten minutes until the signal ends it; one that fails is logged and tried again. */
export function keepTidy(cleanUps: readonly (() => Promise<void>)[], log: Logger, signal: AbortSignal): void {
  const run = async (): Promise<void> => {
    for (const cleanUp of cleanUps) {
      await cleanUp().catch((error: unknown) => {
        log.warn('Old rows of the store could not be removed', { error: String(error) });
      });
    }
  };
  void run();
  const timer = setInterval(() => void run(), EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
  });
}
