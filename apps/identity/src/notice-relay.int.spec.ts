import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { NOTICE_QUEUE, NOTICE_SEAL_PURPOSE, type Notice, type NoticeJob, queuePrefixUnder } from '@portcullis/contracts-notifier';
import { connectRedis, type Redis } from '@portcullis/platform-redis';
import { eventually, type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { createKeyRing } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoticeRelay } from './notice-relay.js';
import { type NoticeWorld, openNoticeWorld } from './notice-world.fixture.js';

const SECRET = 'the secret between the services';
const MINUTE_MS = 60_000;

// Each test starts a Redis; the deadlines that explain themselves are those of `eventually`.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: NoticeWorld;
let server: RedisServer;
let redis: Redis;
let queue: Queue<NoticeJob>;
const relays: NoticeRelay[] = [];
const workers: Worker<NoticeJob>[] = [];

beforeEach(async () => {
  world = await openNoticeWorld();
  server = await startRedisServer();
  redis = connectRedis(server.settings, { name: 'test', role: 'queue' });
  queue = new Queue<NoticeJob>(NOTICE_QUEUE, { connection: redis, prefix: queuePrefixUnder(DEFAULT_KEY_PREFIX) });
  queue.on('error', () => undefined);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  redis.disconnect();
  await queue.close().catch(() => undefined);
  await server.stop();
  await world.close();
});

function startRelay({ backoffMs = 2000 } = {}): NoticeRelay {
  const { db, outbox, log, now } = world;
  const relay = new NoticeRelay({
    db,
    outbox,
    redis: { ...server.settings, keyPrefix: DEFAULT_KEY_PREFIX },
    secrets: [SECRET],
    log,
    now,
    backoffMs,
    lookEveryMs: 20,
  });
  relays.push(relay);
  relay.start();
  return relay;
}

/** In the place of a notifier. */
function startWorker(process: (job: Job<NoticeJob>) => Promise<void>): void {
  const worker = new Worker<NoticeJob>(NOTICE_QUEUE, process, { connection: redis, prefix: queuePrefixUnder(DEFAULT_KEY_PREFIX) });
  worker.on('error', () => undefined);
  workers.push(worker);
}

const to = { name: 'Alice', address: 'alice@example.com' };
const event: Notice = { kind: 'event', to, event: 'totp_added', remoteIp: '192.0.2.1', atMs: 0 };
const code = (): Notice => ({
  kind: 'one_time_code',
  to,
  code: 'ABCDEFGH',
  expiresAtMs: world.clock.nowMs + 5 * MINUTE_MS,
  revokeUrl: null,
  remoteIp: '192.0.2.1',
  domain: 'example.com',
});
const write = (notice: Notice = event) => inTransaction(world.db, (trx) => world.outbox.write(trx, notice, 'alice'));
const rowOf = async (id: string) => (await world.rows()).find((row) => row.id === id)!;
const queued = (id: string) => eventually(`${id} is queued`, () => queue.getJob(id));
/** The relay has done what there was to do. */
const settled = () =>
  eventually('nothing is due', async () => (await world.rows()).every(({ due_at_ms }) => due_at_ms === null || due_at_ms > world.clock.nowMs));

describe('a written notice', () => {
  it('is in the queue at once, sealed, with as many attempts as its code lives for', async () => {
    startRelay();
    const id = await write(code());
    const job = await queued(id);
    expect(job.data.noticeId).toBe(id);
    const opened = createKeyRing([SECRET], NOTICE_SEAL_PURPOSE).open(Buffer.from(job.data.sealed, 'base64'), id);
    expect(JSON.parse(opened.toString())).toEqual(code());
    expect(job.opts).toMatchObject({ attempts: 8, backoff: { type: 'exponential', delay: 2000 } });
    expect(JSON.stringify(job)).not.toContain('ABCDEFGH');
  });

  it('is there when its transaction is kept, and never when it is undone', async () => {
    startRelay();
    const undone = inTransaction(world.db, async (trx) => {
      await world.outbox.write(trx, event, 'alice');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const id = await write();
    await queued(id);
    expect((await queue.getJobs()).map((job) => job.id)).toEqual([id]);
  });

  it('of a time when Redis was away goes out when it is back', async () => {
    await server.crash();
    startRelay();
    const id = await write(code());
    expect(await world.waiting()).toHaveLength(1);
    await server.restart();
    await queued(id);
  });

  it('of a time when nobody relayed goes out at the next start', async () => {
    const id = await write();
    startRelay();
    await queued(id);
  });

  it('goes in its turn, also behind many others', async () => {
    const ids = await inTransaction(world.db, async (trx) => {
      const written: string[] = [];
      while (written.length < 120) {
        world.clock.nowMs += 1;
        written.push(await world.outbox.write(trx, event, 'alice'));
      }
      return written;
    });
    startRelay();
    await settled();
    const taken: string[] = [];
    startWorker(async (job) => {
      taken.push(job.id ?? '');
      await world.outbox.acknowledge({ noticeId: job.data.noticeId, result: { status: 'delivered' } });
    });
    await eventually('all are taken', () => taken.length === ids.length);
    expect(taken).toEqual(ids);
  });
});

describe('a notice that nobody acknowledges', () => {
  it('is added again after a FLUSHALL', async () => {
    startRelay();
    const id = await write(code());
    await queued(id);
    await settled();
    await redis.flushall();
    world.clock.nowMs += 5000;
    await queued(id);
  });

  it('is added again after Redis was killed and came back empty', async () => {
    startRelay();
    const id = await write(code());
    await queued(id);
    await settled();
    await server.crash();
    await server.restart();
    world.clock.nowMs += 5000;
    await queued(id);
  });

  it('is one job however often it is added, by two processes', async () => {
    startRelay();
    startRelay();
    const id = await write();
    for (let again = 0; again < 5; again += 1) {
      world.clock.nowMs += 2 * MINUTE_MS;
      await settled();
    }
    expect((await queue.getJobs()).map((job) => job.id)).toEqual([id]);
  });

  it('is not added again once it is acknowledged', async () => {
    startRelay();
    let taken = 0;
    startWorker(async (job) => {
      taken += 1;
      await world.outbox.acknowledge({ noticeId: job.data.noticeId, result: { status: 'delivered' } });
    });
    await write();
    await eventually('it is delivered', async () => (await world.rows())[0]?.state === 'delivered');
    await redis.flushall();
    world.clock.nowMs += 2 * MINUTE_MS;
    const next = await write();
    await eventually('the next is delivered', async () => (await rowOf(next)).state === 'delivered');
    expect(taken).toBe(2);
  });

  it('is dropped with that reason when its code has expired, and leaves the queue', async () => {
    startRelay();
    const id = await write(code());
    await queued(id);
    world.clock.nowMs += 5 * MINUTE_MS;
    await eventually('it is dropped', async () => (await rowOf(id)).state === 'dropped');
    await eventually('it left the queue', async () => (await queue.getJob(id)) === undefined);
    expect(await rowOf(id)).toMatchObject({ payload: null, last_error: 'it expired before it could be delivered' });
    expect(await world.logged()).toMatch(/level=warn.*A notice was dropped/u);
  });

  it('is dropped when its code has expired also while Redis is away', async () => {
    await server.crash();
    startRelay();
    const id = await write(code());
    world.clock.nowMs += 5 * MINUTE_MS;
    await eventually('it is dropped', async () => (await rowOf(id)).state === 'dropped');
    await server.restart();
    await settled();
    expect(await queue.getJob(id)).toBeUndefined();
  });
});

describe('what the operator decides', () => {
  it('a dropped notice leaves the queue', async () => {
    startRelay();
    const id = await write();
    await queued(id);
    await world.outbox.drop({ id });
    await eventually('it left the queue', async () => (await queue.getJob(id)) === undefined);
  });

  it('a retried notice that waits for its next attempt is tried now', async () => {
    startRelay({ backoffMs: 3_600_000 });
    const attempts: string[] = [];
    startWorker((job) => {
      attempts.push(job.id ?? '');
      return attempts.length === 1 ? Promise.reject(new Error('the mail server is away')) : Promise.resolve();
    });
    const id = await write();
    await eventually('it waits for its next attempt', async () => (await queue.getDelayedCount()) === 1);
    await settled();
    await world.outbox.retry({ id });
    await eventually('it is tried', () => attempts.length === 2);
  });

  it('a retried notice that was given up is tried anew', async () => {
    startRelay();
    let away = true;
    startWorker(async (job) => {
      if (!away) {
        await world.outbox.acknowledge({ noticeId: job.data.noticeId, result: { status: 'delivered' } });
        return;
      }
      await world.outbox.acknowledge({ noticeId: job.data.noticeId, result: { status: 'failed', error: 'away', attempt: 1, final: true } });
      throw new UnrecoverableError('away');
    });
    const id = await write();
    await eventually('it is given up', async () => (await rowOf(id)).state === 'failed' && (await queue.getJob(id)) === undefined);
    away = false;
    await world.outbox.retry({ id });
    await eventually('it is delivered', async () => (await rowOf(id)).state === 'delivered');
  });
});

it('a row that does not open is told as failed and keeps no other from going', async () => {
  const broken = await write();
  await world.db
    .updateTable('notices')
    .set({ payload: Buffer.from('broken') })
    .where('id', '=', broken)
    .execute();
  world.clock.nowMs += 1;
  const id = await write();
  startRelay();
  await queued(id);
  expect(await rowOf(broken)).toMatchObject({ state: 'failed', last_error: expect.stringMatching(/cannot be read from the store/u) });
  expect(await world.logged()).toMatch(/level=error msg="A notice cannot be read from the store/u);
});

it('goes on after a Redis that froze', async () => {
  startRelay();
  await queued(await write());
  server.freeze();
  const id = await write();
  server.thaw();
  await queued(id);
});

it.each(['away', 'frozen'])(
  'ends also while Redis is %s',
  async (how) => {
    const relay = startRelay();
    await queued(await write());
    if (how === 'away') await server.crash();
    else server.freeze();
    await write();
    await relay.close();
    expect(await world.waiting()).toHaveLength(2);
    server.thaw();
  },
  15_000,
);
