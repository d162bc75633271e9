import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, random, until } from '../support/index.js';
import { atEnd } from '../support/lifetime.js';
import { freshAddress, passwordOf, persons, startWorld, tryPassword, type World } from './world.js';

const RUNS = random.full ? 5000 : 300;
const LANES = { identity: 'portcullis:rpc:waiting:identity:password', session: 'portcullis:rpc:waiting:session:rest' } as const;

/** A request as it waits in Redis. */
interface Frame {
  readonly id: string;
  readonly pattern: string;
  readonly fields: Readonly<Record<string, Buffer>>;
}

type Change = (frame: Frame, other: Frame, at: number) => Frame;
const withField =
  (name: string, change: (value: Buffer, other: Buffer, at: number) => Buffer): Change =>
  (frame, other, at) => ({ ...frame, fields: { ...frame.fields, [name]: change(frame.fields[name]!, other.fields[name]!, at) } });

/** What somebody who may write into Redis, and has no secret, can make of a request that passed by. */
const CHANGES: Readonly<Record<string, Change>> = {
  'the same once more': (frame) => frame,
  'under a new id': (frame) => ({ ...frame, id: randomBytes(16).toString('base64url') }),
  'under the id of another': (frame, other) => ({ ...frame, id: other.id }),
  'the seal of another': withField('sealed', (_, other) => other),
  'to another operation': (frame, other) => ({ ...frame, pattern: other.pattern }),
  'from another sender': withField('sender', (_, other, at) => Buffer.from(['cli', 'identity', 'session', 'notifier', other.toString()][at % 5]!)),
  'answered elsewhere': withField('reply', (value) => Buffer.concat([value, Buffer.from('x')])),
  'made young again': withField('arrivedMs', () => Buffer.from(String(Date.now() + 1000))),
  'a bit turned': withField('sealed', (value, _, at) => {
    const turned = Buffer.from(value);
    turned[at % turned.length]! ^= 1 << (at % 8);
    return turned;
  }),
  cut: withField('sealed', (value, _, at) => value.subarray(0, at % value.length)),
  'with more behind it': withField('sealed', (value, _, at) => Buffer.concat([value, randomBytes(1 + (at % 40))])),
  empty: withField('sealed', () => Buffer.alloc(0)),
  'of two MiB': withField('sealed', (value) => Buffer.concat([value, Buffer.alloc(2 << 20)])),
  noise: withField('sealed', (value) => randomBytes(value.length)),
  'of another layout': withField('sealed', (value, _, at) => Buffer.concat([Buffer.from([at % 256]), value.subarray(1)])),
};

describeWith(['redis'], 'requests between the services, caught and sent again in every shape', () => {
  let world: World;
  let redis: Redis;
  beforeAll(async () => {
    console.info(`The seed of these frames: ${random.seed}`);
    world = await startWorld({ people: persons('f1', 'f2') });
    redis = new Redis({ path: world.portcullis.redis!.socket! });
    atEnd({
      end: () => {
        redis.disconnect();
      },
    });
  });

  /** What waits for a service while it stands still. It goes on afterwards, and the request is answered. */
  async function caught(service: keyof typeof LANES, ask: () => Promise<unknown>): Promise<Frame> {
    world.portcullis.processes[service]!.signal('SIGSTOP');
    try {
      const answer = ask();
      const entry = await until(async () => (await redis.lrange(LANES[service], 0, 0))[0], {
        timeoutMs: 1500,
        everyMs: 5,
        what: `a request to ${service}`,
      });
      const [id = '', pattern = ''] = entry.split(' ');
      const fields = await redis.hgetallBuffer(`portcullis:rpc:message:${id}`);
      world.portcullis.processes[service]!.signal('SIGCONT');
      await answer;
      return { id, pattern, fields };
    } finally {
      world.portcullis.processes[service]!.signal('SIGCONT');
    }
  }

  async function put(lane: string, { id, pattern, fields }: Frame): Promise<void> {
    const key = `portcullis:rpc:message:${id}`;
    await redis.hset(key, fields);
    await redis.pexpire(key, 5000);
    await redis.rpush(lane, `${id} ${pattern}`);
    for (const channel of ['identity:password', 'session:rest']) await redis.publish(`portcullis:rpc:wake:${channel}`, 'work');
  }
  /** Everything that was put there was looked at. */
  const looked = () =>
    until(async () => (await Promise.all(Object.values(LANES).map((lane) => redis.llen(lane)))).every((count) => count === 0), {
      timeoutMs: 15_000,
      what: 'the lanes to be empty',
    });
  const sessions = async (): Promise<number> => (await redis.keys('portcullis:session:*')).filter((key) => !key.includes('canary')).length;
  const refusals = (): number => world.lines(/refused/i).length;

  it('a wrong password is counted once, a session is begun once, and the services live on', { timeout: 300_000 }, async () => {
    const ip = freshAddress();
    // One wrong password of three: two more of it would lock f1 out.
    const attempt = await caught('identity', () => tryPassword(world.visitor(ip), 'f1', 'wrong-Pass:word-1'));
    const begun = await caught('session', () => world.signIn('f2'));
    expect([attempt.pattern, begun.pattern]).toEqual([expect.stringMatching(/^identity\.v1\./), expect.stringMatching(/^session\.v1\./)]);
    expect(attempt.fields['sealed']!.includes('wrong-Pass')).toBe(false);
    const before = await sessions();
    const refusedBefore = refusals();

    const change = fc.tuple(fc.boolean(), fc.constantFrom(...Object.keys(CHANGES)), fc.nat(10_000));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        for (const [first, name, at] of changes) {
          const [frame, other, lane] = first ? ([attempt, begun, LANES.identity] as const) : ([begun, attempt, LANES.session] as const);
          const made = CHANGES[name]!(frame, other, at);
          await put(made.pattern.startsWith('session') ? LANES.session : made.pattern.startsWith('identity') ? LANES.identity : lane, made);
        }
        await looked();
        expect(await sessions()).toBe(before);
      }),
      { seed: random.seed, numRuns: RUNS / 4, endOnFailure: true },
    );

    expect((await tryPassword(world.visitor(ip), 'f1', passwordOf('f1'))).status).toBe(200);
    expect(refusals()).toBeGreaterThan(refusedBefore);
    expect(Object.values(world.portcullis.processes).filter((each) => each.exit() !== undefined)).toEqual([]);
    expect((await tryPassword(world.visitor(), 'f2', passwordOf('f2'))).status).toBe(200);
  });

  it('lists, sets and strings where a request or a lane should be do no harm either', async () => {
    const id = randomBytes(16).toString('base64url');
    await redis.set(`portcullis:rpc:message:${id}`, 'x', 'PX', 5000);
    await redis.rpush(LANES.identity, `${id} identity.v1.check`, 'no-pattern', ' ', `${'a'.repeat(100_000)} session.v1.create`, `${id} `);
    for (const channel of ['identity:password', 'session:rest']) await redis.publish(`portcullis:rpc:wake:${channel}`, randomBytes(5000));
    await until(async () => (await tryPassword(world.visitor(), 'john', passwordOf('john'))).status === 200, {
      timeoutMs: 15_000,
      what: 'somebody to sign in',
    });
    expect(Object.values(world.portcullis.processes).filter((each) => each.exit() !== undefined)).toEqual([]);
  });
});
