import { findOpeningsInSteps, type Opening, type RuleSet } from '@portcullis/domain-policy';
import type { Logger } from '@portcullis/platform-telemetry';
import { inSlices } from './in-slices.js';

/** As many are told one by one; a host that is not named is in the files. */
const MOST_OPENINGS = 20;
const MOST_HOSTS = 5;

const CIRCLES: Readonly<Record<string, string>> = { strangers: 'everybody, without signing in', anyone: 'everybody who signs in' };

/**
 * Tells what new rules open, compared with those that were told of last. A newer set takes the place of one that is still being compared;
 * what both open is told with the newer one.
 */
export function openingsTeller(first: RuleSet, logger: Logger, signal: AbortSignal): (after: RuleSet) => Promise<void> {
  let told = first;
  let newest = first;
  return async (after) => {
    newest = after;
    try {
      const openings = await inSlices(whileWanted(findOpeningsInSteps(told, after), () => newest === after && !signal.aborted));
      if (openings === null) return;
      told = after;
      for (const opening of openings.slice(0, MOST_OPENINGS))
        logger.warn('The new rules let in who was kept out, or ask for less', fieldsOf(opening));
      if (openings.length > MOST_OPENINGS) logger.warn('The new rules open more than is told here', { openings: openings.length - MOST_OPENINGS });
    } catch (cause) {
      logger.error('What the new rules open could not be told: they are in force', { error: String(cause) });
    }
  };
}

/** The steps, until nobody wants to know: null. */
function* whileWanted<T>(steps: Generator<undefined, T>, isWanted: () => boolean): Generator<undefined, T | null> {
  while (isWanted()) {
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
  return null;
}

function fieldsOf({ ruleIndex, who, hosts, before, after }: Opening): Readonly<Record<string, string>> {
  const more = hosts.length > MOST_HOSTS ? ` and ${hosts.length - MOST_HOSTS} more` : '';
  return {
    rule: ruleIndex < 0 ? 'default' : `#${ruleIndex + 1}`,
    who: CIRCLES[who] ?? who,
    hosts: `${hosts.slice(0, MOST_HOSTS).join(', ')}${more}`,
    before,
    after,
  };
}
