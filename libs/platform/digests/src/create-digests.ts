import { type SlotLimits, Slots } from '@portcullis/platform-slots';
import { timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { endThreads } from './bcrypt-threads.js';
import type { DigestOptions } from './digest-options.js';
import { DigestsError } from './digests-error.js';
import type { Stored } from './recipe.js';
import { readDigest, recipeOf } from './recipes.js';

export interface Digests {
  /** Whether `password` is the one behind `digest`. DIGESTS_BUSY: no slot in time. DIGESTS_UNSUPPORTED: no digest this package checks. */
  verify(digest: string, password: string): Promise<boolean>;
  /** A new digest with a random salt. DIGESTS_BUSY, DIGESTS_PASSWORD_TOO_LONG. */
  make(options: DigestOptions, password: string): Promise<string>;
  /** Slots at work and calls that wait for one, for gauges. */
  busy(): number;
  waiting(): number;
  /** Ends the threads; call once, at shutdown. */
  close(): Promise<void>;
}

/** `slots` (default: cores - 1, at least one) hashes at a time; at most `maxWaiting` (64) more wait, each at most `maxWaitMs` (3000). */
export function createDigests(limits: Partial<SlotLimits> = {}): Digests {
  const slots = new Slots({ slots: Math.max(1, availableParallelism() - 1), maxWaiting: 64, maxWaitMs: 3000, ...limits });
  return {
    verify: async (digest, password) => {
      const stored = readDigest(digest);
      return slots.run(() => opens(stored, password), busy);
    },
    make: (options, password) => slots.run(() => make(options, password), busy),
    busy: () => slots.busy,
    waiting: () => slots.waiting,
    close: endThreads,
  };
}

const busy = (reason: string): DigestsError => new DigestsError('DIGESTS_BUSY', `too many passwords at once: ${reason}`);

async function opens({ recipe, salt, hash }: Stored, password: string): Promise<boolean> {
  const computed = await recipe.hash(password, salt);
  // After the hash, so that the answer takes the same time whatever kind of digest the user has.
  return equal(computed, hash) && recipe.tellsApart(password);
}

async function make(options: DigestOptions, password: string): Promise<string> {
  const recipe = recipeOf(options);
  if (!recipe.tellsApart(password)) throw new DigestsError('DIGESTS_PASSWORD_TOO_LONG', 'the digest would keep only the beginning of this password');
  const salt = recipe.newSalt();
  return recipe.write(salt, await recipe.hash(password, salt));
}

function equal(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
