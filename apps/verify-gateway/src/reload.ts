import { changesNeedingRestart, type ConfigurationTree } from '@portcullis/contracts-configuration';
import {
  compilePolicy,
  compilePolicyInSteps,
  policyNeedsSecondFactor,
  type CompiledPolicy,
  type PolicySource,
  type RuleSet,
} from '@portcullis/domain-policy';
import { formatProblems, watchFiles } from '@portcullis/platform-config';
import type { Logger } from '@portcullis/platform-telemetry';
import type { GatewayValues, Reading } from './config.js';
import { inSlices } from './in-slices.js';
import { openingsTeller } from './openings-teller.js';
import type { LivePolicy } from './portal/portal-parts.js';
import { readInThread } from './read-in-thread.js';

/** What a reload replaces as a whole. */
export interface LiveRules extends LivePolicy, RuleSet {
  policy: CompiledPolicy;
  source: PolicySource;
  rulesHash: string;
}

/** The rules in force, compiled; throws PolicyError, which the reading has reported before. */
export const livePolicy = ({ accessControl }: GatewayValues, rulesHash: string): LiveRules =>
  liveOf(compilePolicy(accessControl), accessControl, rulesHash);

const liveOf = (policy: CompiledPolicy, source: PolicySource, rulesHash: string): LiveRules => ({
  policy,
  source,
  rulesHash,
  needsSecondFactor: policyNeedsSecondFactor(policy),
});

export interface ReloadOptions {
  readonly files: readonly string[];
  readonly first: Reading;
  readonly live: LiveRules;
  readonly logger: Logger;
  readonly onReload: (result: 'taken' | 'refused', hash: string) => void;
  /** Told with `taken`, of what was. */
  readonly keep: (reading: Reading) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows the files (road 5 of the house): read and check in a thread, compile, swap whole. An invalid file changes nothing and says so;
 * what differs outside the live sections is named, and waits for a restart.
 */
export async function followConfiguration({ files, first, live, logger, onReload, keep, signal }: ReloadOptions): Promise<void> {
  let before: ConfigurationTree = first.tree;
  const tellOpenings = openingsTeller({ policy: live.policy, source: live.source }, logger, signal);
  const take = async (reading: Reading): Promise<void> => {
    const { value, problems, tree, hash, rulesHash } = reading;
    if (value === null) {
      logger.error('The configuration was changed and is invalid: the one before stays in force', { report: formatProblems(problems) });
      onReload('refused', hash);
      return;
    }
    const policy = await inSlices(compilePolicyInSteps(value.accessControl));
    Object.assign(live, liveOf(policy, value.accessControl, rulesHash));
    const waiting = changesNeedingRestart(before, tree);
    before = tree;
    logger.info('The access control rules were reloaded', {
      rules: value.accessControl.rules.length,
      configuration: hash.slice(0, 12),
      rules_hash: rulesHash,
    });
    if (waiting.length > 0) logger.warn('Some changes take effect only after a restart', { keys: waiting.join(', ') });
    onReload('taken', hash);
    keep(reading);
    // Not waited for: the next change is taken while this is still being told.
    void tellOpenings({ policy, source: value.accessControl });
  };
  const reload = async (): Promise<void> => {
    try {
      await take(await readInThread(files));
    } catch (cause) {
      logger.error('The configuration was changed and could not be read: the one before stays in force', { error: String(cause) });
      onReload('refused', '');
    }
  };
  await watchFiles(first.watched, reload, { signal });
}
