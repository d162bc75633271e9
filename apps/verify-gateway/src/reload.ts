import { changesNeedingRestart, type ConfigurationTree } from '@portcullis/contracts-configuration';
import { compilePolicy, compilePolicyInSteps, policyNeedsSecondFactor, type CompiledPolicy } from '@portcullis/domain-policy';
import { formatProblems, watchFiles } from '@portcullis/platform-config';
import type { Logger } from '@portcullis/platform-telemetry';
import { setImmediate as otherWork } from 'node:timers/promises';
import type { GatewayValues, Reading } from './config.js';
import type { LivePolicy } from './portal/portal-parts.js';
import { readInThread } from './read-in-thread.js';

/** How long compiling may keep the verifies waiting at a time. */
const SLICE_MS = 5;

/** The rules in force, compiled; throws PolicyError, which the reading has reported before. */
export function livePolicy({ accessControl }: GatewayValues): LivePolicy {
  return liveOf(compilePolicy(accessControl));
}

const liveOf = (policy: CompiledPolicy): LivePolicy => ({ policy, needsSecondFactor: policyNeedsSecondFactor(policy) });

async function compileInSlices({ accessControl }: GatewayValues): Promise<LivePolicy> {
  const steps = compilePolicyInSteps(accessControl);
  for (let sinceMs = performance.now(); ;) {
    const step = steps.next();
    if (step.done === true) return liveOf(step.value);
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await otherWork();
    sinceMs = performance.now();
  }
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
 * Follows the files (road 5 of the house): read and check in a thread, compile, swap whole. An invalid file changes nothing and says so;
 * what differs outside the live sections is named, and waits for a restart.
 */
export async function followConfiguration({ files, first, live, logger, onReload, signal }: ReloadOptions): Promise<void> {
  let before: ConfigurationTree = first.tree;
  const take = async ({ value, problems, tree, hash }: Reading): Promise<void> => {
    if (value === null) {
      logger.error('The configuration was changed and is invalid: the one before stays in force', { report: formatProblems(problems) });
      onReload('refused', hash);
      return;
    }
    Object.assign(live, await compileInSlices(value));
    const waiting = changesNeedingRestart(before, tree);
    before = tree;
    logger.info('The access control rules were reloaded', { rules: value.accessControl.rules.length, configuration: hash.slice(0, 12) });
    if (waiting.length > 0) logger.warn('Some changes take effect only after a restart', { keys: waiting.join(', ') });
    onReload('taken', hash);
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
