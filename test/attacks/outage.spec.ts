import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  type Client,
  describeWith,
  freePort,
  type HttpResponse,
  needs,
  type RunningRedis,
  startProcess,
  startRedis,
  startRoad,
  tempDir,
  until,
} from '../support/index.js';
import { CONFIGURATION, levelOf, passwordOf, startWorld, tryPassword, type World } from './world.js';

const APP = 'https://app.example.com/';
const PUBLIC = 'https://public.example.com/';

describeWith(['redis'], 'Redis', () => {
  let redis: RunningRedis;
  let world: World;
  let john: Client;

  const begin = async (options: Parameters<typeof startWorld>[0]): Promise<void> => {
    world = await startWorld(options);
    john = await world.signIn('john');
    expect((await world.verify(APP, { as: john })).status).toBe(200);
  };

  /** While it is away: whoever is signed in waits, whoever is not is asked to, what is open is open, nothing is a yes that was none. */
  const holds = async (): Promise<void> => {
    const signedIn = await until(
      async () => {
        const answer = await world.verify(APP, { as: john });
        expect([200, 503]).toContain(answer.status);
        return answer.status === 503 && answer;
      },
      { what: 'the gate to notice' },
    );
    expect(signedIn.headers['retry-after']).toBeDefined();
    expect(signedIn.headers['set-cookie']).toBeUndefined();
    expect((await world.verify('https://admin.example.com/', { as: john })).status).toBe(503);
    expect((await world.verify(PUBLIC, { as: john })).status).toBe(200);
    expect((await world.verify(PUBLIC)).status).toBe(200);
    expect((await world.verify(APP)).status).toBe(302);
    const made = world.visitor();
    made.cookies.set('authelia_session', 'A'.repeat(43));
    expect((await world.verify(APP, { as: made })).status).toBe(503);
    for (const answer of [
      await tryPassword(world.visitor(), 'mary', passwordOf('mary')),
      await john.copy().post('/api/logout'),
    ] as readonly HttpResponse[]) {
      expect(answer.status).toBe(503);
      expect([answer.headers['retry-after'] === undefined, answer.headers['set-cookie']]).toEqual([false, undefined]);
    }
  };
  const isBack = (): Promise<unknown> =>
    until(
      async () => {
        const { status } = await world.verify(APP, { as: john });
        expect([200, 503]).toContain(status);
        return status === 200 && (await tryPassword(world.visitor(), 'mary', passwordOf('mary'))).status === 200;
      },
      { timeoutMs: 20_000, what: 'the session to count again' },
    );

  it('attack redis chaos: killed, frozen and flushed: 503 with Retry-After, no sign-out, no 200', async () => {
    redis = await startRedis({ appendonly: true });
    await begin({ redis });
    await redis.kill();
    await holds();
    await redis.restart();
    await isBack();
    redis.pause();
    await holds();
    redis.resume();
    await isBack();
    await redis.flushall();
    // Nothing is left of the session, and until that is certain nobody is told so.
    await until(async () => {
      const { status } = await world.verify(APP, { as: john });
      expect([302, 503]).toContain(status);
      return status === 302;
    });
    const again = await until(async () => {
      const who = world.visitor();
      return (await tryPassword(who, 'john', passwordOf('john'))).status === 200 && who;
    });
    await until(async () => (await world.verify(APP, { as: again })).status === 200);
  });

  it('attack redis chaos: full: nobody signs in, everybody who is in stays, and can leave', async () => {
    redis = await startRedis();
    await begin({ redis });
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1');
    const refused = await tryPassword(world.visitor(), 'mary', passwordOf('mary'));
    expect([refused.status, refused.headers['set-cookie']]).toEqual([503, undefined]);
    expect([200, 503]).toContain((await world.verify(APP, { as: john })).status);
    expect((await world.verify(APP)).status).toBe(302);
    const before = john.copy();
    const left = await john.post('/api/logout');
    expect([200, 503]).toContain(left.status);
    if (left.status === 200) expect((await world.verify(APP, { as: before })).status).toBe(302);
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
    await until(async () => (await tryPassword(world.visitor(), 'mary', passwordOf('mary'))).status === 200);
  });

  it('attack redis chaos: slow by 100 ms each way: slow answers, and right ones', async () => {
    redis = await startRedis();
    const road = await startRoad(redis.port!);
    await begin({ redis: false, config: { ...CONFIGURATION, session: { ...CONFIGURATION.session, redis: { host: '127.0.0.1', port: road.port } } } });
    road.delayMs = 100;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => world.verify(index % 2 === 0 ? APP : PUBLIC, { as: john })));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    const mary = await until(async () => {
      const who = world.visitor();
      const { status } = await tryPassword(who, 'mary', passwordOf('mary'));
      expect([200, 503]).toContain(status);
      return status === 200 && who;
    });
    await until(
      async () => {
        const { status } = await world.verify(APP, { as: mary });
        expect([200, 503]).toContain(status);
        return status === 200;
      },
      { timeoutMs: 10_000 },
    );
    road.delayMs = 0;
    await until(async () => (await levelOf(john)) === 1);
  });

  it('attack redis chaos: failed over by Sentinel: 503 until the endings were replayed, then as before', async () => {
    redis = await startRedis();
    const replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${redis.port!}`, '--repl-diskless-sync-delay', '0'] });
    const port = await freePort();
    const dir = tempDir('sentinel');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor gate 127.0.0.1 ${redis.port!} 1`,
      'sentinel down-after-milliseconds gate 300',
      'sentinel failover-timeout gate 2000',
    ];
    writeFileSync(join(dir, 'sentinel.conf'), lines.join('\n'));
    await startProcess(needs('redis'), [join(dir, 'sentinel.conf'), '--sentinel'], { name: 'sentinel', cwd: dir, ready: '+monitor' });
    const settings = { host: '127.0.0.1', port: redis.port!, high_availability: { sentinel_name: 'gate', nodes: [{ host: '127.0.0.1', port }] } };
    await begin({ redis: false, config: { ...CONFIGURATION, session: { ...CONFIGURATION.session, redis: settings } } });
    const gone = await world.signIn('john');
    await gone.post('/api/logout');
    await until(async () => String(await redis.cli('INFO', 'replication')).includes('state=online'));
    await until(async () => ((await replica.cli('KEYS', 'portcullis:session:*')) as readonly string[]).length >= 1);
    await redis.kill();
    await isBack();
    expect((await world.verify(APP, { as: gone })).status).toBe(302);
  });
});
