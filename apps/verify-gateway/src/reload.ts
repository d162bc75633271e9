import { changesNeedingRestart, type ConfigurationTree } from '@portcullis/contracts-configuration';
import { compilePolicy, policyNeedsSecondFactor } from '@portcullis/domain-policy';
import { formatProblems, watchFiles } from '@portcullis/platform-config';
import { type Logger } from '@portcullis/platform-telemetry';
import { type GatewayValues, readConfiguration, type Reading } from './config.js';
import { type LivePolicy } from './portal/portal-parts.js';

/** The rules in force, compiled; throws PolicyError, which the reading has reported before. */
export function livePolicy({ accessControl }: GatewayValues): LivePolicy {
  const policy = compilePolicy(accessControl);
  return { policy, needsSecondFactor: policyNeedsSecondFactor(policy) };
}

export interface ReloadOptions {
  readonly files: readonly string[];
  readonly first: Reading;
  readonly live: LivePolicy;
  readonly logger: Logger;
  readonly onReload: (result: 'taken' | 'refused', hash: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows the files (road 5 of the house): read, check, compile, swap whole. An invalid file changes nothing and says so; what differs
 * outside the live sections is named, and waits for a restart.
 */
export async function followConfiguration({ files, first, live, logger, onReload, signal }: ReloadOptions): Promise<void> {
  let before: ConfigurationTree = first.tree;
  const reload = (): void => {
    const reading = readConfiguration(files);
    if (reading.value === null) {
      logger.error('The configuration was changed and is invalid: the one before stays in force', { report: formatProblems(reading.problems) });
      onReload('refused', reading.hash);
      return;
    }
    Object.assign(live, livePolicy(reading.value));
    const waiting = changesNeedingRestart(before, reading.tree);
    before = reading.tree;
    logger.info('The access control rules were reloaded', {
      rules: reading.value.accessControl.rules.length,
      configuration: reading.hash.slice(0, 12),
    });
    if (waiting.length > 0) logger.warn('Some changes take effect only after a restart', { keys: waiting.join(', ') });
    onReload('taken', reading.hash);
  };
  await watchFiles(first.watched, reload, { signal });
}
