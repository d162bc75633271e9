import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, type RunningProcess } from '../support/index.js';
import { liveSecretly, type SecretLife } from './secret-life.js';
import { persons, startWorld, type World } from './world.js';

/**
 * What a core dump of a process would hold: every page that is its own, without those that are a file's. Read where it runs, because a dump is
 * written where the system says, and it is not the tests' to change that. @see core(5), proc(5)
 */
function memoryOf({ pid }: RunningProcess): readonly Buffer[] {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  const read = (from: number, to: number): readonly Buffer[] => {
    const bytes = Buffer.alloc(to - from);
    try {
      return [bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from))];
    } catch {
      // Given back to the system, or reserved and never touched.
      return [];
    }
  };
  try {
    return readFileSync(`/proc/${pid}/maps`, 'latin1')
      .split('\n')
      .map((line) => line.split(/ +/))
      .filter(([, rights = '', , , inode]) => rights.startsWith('rw') || (rights.startsWith('r') && inode === '0'))
      .flatMap(([range = '']) => {
        const [from = 0, to = 0] = range.split('-').map((address) => Number(`0x${address}`));
        return read(from, to);
      });
  } finally {
    closeSync(file);
  }
}

const holds = (memory: readonly Buffer[], text: string): boolean =>
  [Buffer.from(text), Buffer.from(text, 'utf16le')].some((form) => memory.some((part) => part.includes(form)));

/** The secrets of a configuration, and whose they are where each service is given its own alone, as by the units of deploy/systemd. */
const KEYS = {
  PORTCULLIS_RPC_SECRET: ['verify-gateway', 'identity', 'session', 'notifier'],
  PORTCULLIS_SESSION_SECRET: ['verify-gateway', 'session'],
  PORTCULLIS_STORAGE_ENCRYPTION_KEY: ['identity'],
  PORTCULLIS_IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET: ['identity'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Key = keyof typeof KEYS;
const keys = Object.keys(KEYS) as readonly Key[];
const valueOf = (key: Key): string => `${key.toLowerCase()}-that-nothing-else-says-0123456789abcdef`;
const isOf = (key: Key, service: string): boolean => KEYS[key].some((each) => each === service);

/** What never reaches a service. The rest passes through it, and may be found in its memory for a while. */
const NEVER = {
  'verify-gateway': [],
  identity: ['sessions', 'basic'],
  session: ['passwords', 'basic', 'cookies', 'mailed', 'factors'],
  notifier: ['passwords', 'basic', 'sessions', 'cookies', 'factors'],
} as const satisfies Readonly<Record<string, readonly (keyof SecretLife)[]>>;
const services = Object.keys(NEVER) as readonly (keyof typeof NEVER)[];

describeWith(['redis'], 'the memory of the services, as a core dump would show it', () => {
  let world: World;
  let life: SecretLife;
  beforeAll(async () => {
    const given = (service: string): Record<string, string> =>
      Object.fromEntries(keys.filter((key) => isOf(key, service)).map((key) => [key, valueOf(key)]));
    const envOf = Object.fromEntries(services.map((service) => [service, given(service)]));
    world = await startWorld({ people: persons('m1', 'm2'), envOf });
    life = await liveSecretly(world, 'm1', 'm2');
  }, 60_000);

  it.each(services)('holds nothing that does not pass through it, and no key of another service: %s', (service) => {
    const memory = memoryOf(world.portcullis.processes[service]!);
    // What it was read by finds what is there.
    expect(holds(memory, valueOf('PORTCULLIS_RPC_SECRET'))).toBe(true);
    const others = { ...life, keys: keys.filter((key) => !isOf(key, service)).map(valueOf) };
    const found = ['keys' as const, ...NEVER[service]].flatMap((kind) =>
      others[kind].filter((secret) => holds(memory, secret)).map((secret) => `${kind}: ${secret}`),
    );
    expect(found).toEqual([]);
  });
});
