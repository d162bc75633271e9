import type { Logger } from '@portcullis/platform-telemetry';

export interface StoreWatch {
  readonly isUp: () => boolean;
  /** Told once with the fault when the store goes, once with null when it is back. */
  readonly onAvailability: (fault: Error | null) => void;
}

/** A store on a server can go while the service runs: one line when it does, and one when it is back. */
export function watchStore(log: Logger): StoreWatch {
  let isUp = true;
  return {
    isUp: () => isUp,
    onAvailability: (fault) => {
      isUp = fault === null;
      if (fault === null) log.info('The store answers again');
      else log.error('The store does not answer: nobody can sign in until it does', { error: fault.message });
    },
  };
}
