import type { ConfigurationHistory } from '@portcullis/contracts-configuration';
import { keepConfiguration } from '@portcullis/platform-config';
import type { Logger } from '@portcullis/platform-telemetry';
import { hostname } from 'node:os';
import type { Reading } from './config.js';

export interface KeeperOptions extends ConfigurationHistory {
  /** What this instance is called. */
  readonly instance: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
}

/** A folder that is not ours to write is how a container is meant to run, not a fault. */
const NOT_OURS: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Keeps the files of each configuration that is taken, one after the other, for `portcullis config restore`. What cannot be kept is said
 * once, until one can be again.
 */
export function configurationKeeper({ directory, keep, instance, logger, now }: KeeperOptions): (reading: Reading) => void {
  const by = `${instance} on ${hostname()}`;
  let told = false;
  let last = Promise.resolve();
  const tell = (error: unknown): void => {
    if (told) return;
    told = true;
    const fields = { directory, error: String(error) };
    if (error instanceof Error && 'code' in error && NOT_OURS.has(error.code)) {
      logger.info('Configurations that were taken are not kept: the folder cannot be written; configuration_history.directory names another', fields);
    } else {
      logger.warn('The configuration could not be kept, and is in force all the same', fields);
    }
  };
  return ({ texts, hash, directory: base }) => {
    if (keep === 0) return;
    const fresh = { texts, base, hash, by, taken: true, atMs: now() };
    last = last
      .then(() => keepConfiguration(directory, fresh, keep))
      .then(() => {
        told = false;
      }, tell);
  };
}
