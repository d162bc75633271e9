import { hash, randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { type Client, describeWith, random, until } from '../support/index.js';
import { atEnd } from '../support/lifetime.js';
import { identityOf, passwordOf, startWorld, tryPassword, type World } from './world.js';

const APP = 'https://app.example.com/';
const keyOf = (who: Client): string => `portcullis:session:${hash('sha256', who.cookies.get('authelia_session')!, 'base64url')}`;

describeWith(['redis'], 'somebody who writes into Redis', () => {
  let world: World;
  let redis: Redis;
  beforeAll(async () => {
    world = await startWorld();
    redis = new Redis({ path: world.portcullis.redis!.socket! });
    atEnd({
      end: () => {
        redis.disconnect();
      },
    });
  });

  /** Nobody, and never somebody else, from the moment on that the value is another. */
  const isNobody = (who: Client): Promise<unknown> =>
    until(
      async () => {
        const answer = await world.verify(APP, { as: who });
        expect([200, 302, 503]).toContain(answer.status);
        if (answer.status === 200) expect(identityOf(answer)[0]).toBe('john');
        return answer.status === 302;
      },
      { timeoutMs: 2000, everyMs: 5, what: 'the session to count no more' },
    );

  it(
    'a session whose value is corrupted, cut, swapped or of another version is signed out, with a line in the log',
    { timeout: 300_000 },
    async () => {
      const mary = await world.signIn('mary');
      const marys = (await redis.getBuffer(keyOf(mary)))!;
      const altered: readonly (readonly [name: string, change: (value: Buffer) => Buffer])[] = [
        ['empty', () => Buffer.alloc(0)],
        ['one byte', () => Buffer.from([1])],
        ['cut in half', (value) => value.subarray(0, value.length >> 1)],
        ['without its last byte', (value) => value.subarray(0, -1)],
        ['with a byte more', (value) => Buffer.concat([value, Buffer.from([0])])],
        ["somebody else's", () => marys],
        ['of layout 0', (value) => Buffer.concat([Buffer.from([0]), value.subarray(1)])],
        ['of layout 2', (value) => Buffer.concat([Buffer.from([2]), value.subarray(1)])],
        ['plain JSON', () => Buffer.from(JSON.stringify({ v: 1, profile: { username: 'mary', displayName: '', emails: [], groups: ['admins'] } }))],
        ['noise', (value) => randomBytes(value.length)],
        ...Array.from({ length: random.full ? 200 : 12 }, (_, index): readonly [string, (value: Buffer) => Buffer] => [
          `a bit ${index} turned`,
          (value) => {
            const turned = Buffer.from(value);
            turned[(random.seed + index * 7) % turned.length]! ^= 1 << (index % 8);
            return turned;
          },
        ]),
      ];
      for (const [name, change] of altered) {
        const who = await world.signIn('john');
        expect((await world.verify(APP, { as: who })).status, name).toBe(200);
        const before = world.lines(/does not open|cannot be read|unreadable|is not readable/i).length;
        await redis.set(keyOf(who), change((await redis.getBuffer(keyOf(who)))!), 'KEEPTTL');
        await isNobody(who);
        await until(() => world.lines(/does not open|cannot be read|unreadable|is not readable/i).length > before, {
          what: `a line about a value that is ${name}`,
        });
      }
      expect((await world.verify('https://admin.example.com/', { as: mary })).status).toBe(200);
    },
  );

  it('a key of another type is nobody, and no crash', async () => {
    const who = await world.signIn('john');
    await redis.del(keyOf(who));
    await redis.rpush(keyOf(who), 'x');
    await until(async () => [302, 503].includes((await world.verify(APP, { as: who })).status));
    expect((await world.verify(APP, { as: await world.signIn('mary') })).status).toBe(200);
  });

  it('messages that nobody sealed are handled by nobody, and the services go on', async () => {
    const keys = await redis.keys('portcullis:rpc:*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of ['portcullis:rpc:waiting:identity:password', 'portcullis:rpc:waiting:identity:rest', 'portcullis:rpc:waiting:session:rest'])
      for (const frame of [
        '',
        'x',
        'id pattern',
        `${randomBytes(8).toString('hex')} session.v1.create`,
        `${'a'.repeat(70_000)} session.v1.end`,
        '\u0000\u00ff',
      ]) {
        const [id = ''] = frame.split(' ');
        await redis.hset(`portcullis:rpc:message:${id}`, {
          pattern: 'session.v1.create',
          sender: 'gateway',
          reply: 'portcullis:rpc:reply:x:y',
          sealed: randomBytes(200),
        });
        await redis.pexpire(`portcullis:rpc:message:${id}`, 5000);
        await redis.rpush(key, frame);
      }
    const channels = (await redis.call('PUBSUB', 'CHANNELS', 'portcullis:rpc:*')) as readonly string[];
    for (const channel of channels) for (const message of ['', '{}', randomBytes(300), 'work']) await redis.publish(channel, message);
    await until(
      async () => {
        const { status } = await tryPassword(world.visitor(), 'john', passwordOf('john'));
        expect([200, 503]).toContain(status);
        return status === 200;
      },
      { timeoutMs: 10_000 },
    );
    expect(Object.values(world.portcullis.processes).map((each) => each.exit())).toEqual([undefined, undefined, undefined, undefined]);
    expect(await redis.keys('portcullis:session:*')).not.toHaveLength(0);
  });
});
