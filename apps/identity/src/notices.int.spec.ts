import type { Notice } from '@portcullis/contracts-notifier';
import { inTransaction } from '@portcullis/platform-sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NoticeWorld, openNoticeWorld } from './notice-world.fixture.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
let world: NoticeWorld;
beforeEach(async () => {
  world = await openNoticeWorld();
});
afterEach(async () => {
  await world.close();
});

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
const failure = (final = false, error = 'no such user') => ({ status: 'failed', error, attempt: 1, final }) as const;
const acknowledge = (noticeId: string, result: ReturnType<typeof failure> | { status: 'delivered' }) =>
  world.outbox.acknowledge({ noticeId, result });
const rowOf = async (id: string) => (await world.rows()).find((row) => row.id === id)!;
const shownOf = async (id: string) => {
  const reply = await world.outbox.show({ id });
  return reply.outcome === 'found' ? reply.notice : null;
};

describe('a written notice', () => {
  it('waits, sealed, and is listed without what it says', async () => {
    const id = await write(code());
    expect(await world.waiting()).toEqual([code()]);
    expect(Buffer.from((await rowOf(id)).payload!).toString('latin1')).not.toContain('ABCDEFGH');
    const listed = {
      id,
      state: 'waiting',
      title: 'Confirm your identity',
      recipient: 'alice@example.com',
      username: 'alice',
      createdAtMs: world.clock.nowMs,
      deliveredAtMs: null,
      attempts: 0,
      lastError: null,
    };
    expect(await world.outbox.list({ state: null, limit: 10 })).toEqual({ notices: [listed] });
    expect(await world.outbox.show({ id })).toEqual({ outcome: 'found', notice: listed });
  });

  it('is not there when the transaction of its cause is undone', async () => {
    const undone = inTransaction(world.db, async (trx) => {
      await world.outbox.write(trx, event, 'alice');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await world.rows()).toEqual([]);
  });

  it('is told of at once, but for a link for a new password, whose work must not show in the time of the next request', async () => {
    const told: string[] = [];
    const stop = world.outbox.onWork(() => told.push('work'));
    const id = await write({ kind: 'password_reset', to, token: 't', url: null, revokeUrl: null, expiresAtMs: 0, remoteIp: '192.0.2.1', domain: '' });
    await inTransaction(world.db, (trx) => world.outbox.withdraw(trx, [id], 'a newer link was asked for'));
    expect(told).toEqual([]);
    await write();
    expect(told).toEqual(['work']);
    stop();
  });

  it('does not open under the name of another row', async () => {
    const [one, other] = [await write(), await write()];
    const { payload } = await rowOf(one);
    expect(() => world.outbox.payloadOf({ id: other, payload })).toThrow(/altered or belong elsewhere/u);
  });
});

describe('an acknowledgement', () => {
  it('of a delivery takes what the notice said out of the store, and may come twice', async () => {
    const id = await write(code());
    world.clock.nowMs += 1000;
    expect(await acknowledge(id, { status: 'delivered' })).toEqual({ outcome: 'recorded' });
    const first = await rowOf(id);
    expect(first).toMatchObject({ state: 'delivered', payload: null, due_at_ms: null, attempts: 1, delivered_at_ms: world.clock.nowMs });
    world.clock.nowMs += 1000;
    expect(await acknowledge(id, { status: 'delivered' })).toEqual({ outcome: 'recorded' });
    expect(await rowOf(id)).toEqual(first);
  });

  it('of a failure keeps it waiting, with what went wrong', async () => {
    const id = await write();
    expect(await acknowledge(id, failure())).toEqual({ outcome: 'recorded' });
    expect(await acknowledge(id, failure())).toEqual({ outcome: 'recorded' });
    expect(await shownOf(id)).toMatchObject({ state: 'waiting', attempts: 2, lastError: 'no such user' });
  });

  it('of the last failure keeps it to be looked at and retried', async () => {
    const id = await write();
    await acknowledge(id, failure(true));
    expect(await shownOf(id)).toMatchObject({ state: 'failed', attempts: 1, lastError: 'no such user' });
    expect(await rowOf(id)).toMatchObject({ due_at_ms: null, payload: expect.any(Uint8Array) });
  });

  it('of a failure after the code has expired drops it, with that reason', async () => {
    const id = await write(code());
    world.clock.nowMs += 5 * MINUTE_MS;
    await acknowledge(id, failure());
    expect(await shownOf(id)).toMatchObject({ state: 'dropped', attempts: 1, lastError: 'it expired before it could be delivered: no such user' });
    expect((await rowOf(id)).payload).toBeNull();
  });

  it('of a delivery counts also for a notice that was dropped or given up meanwhile', async () => {
    const [dropped, failed] = [await write(), await write()];
    await world.outbox.drop({ id: dropped });
    await acknowledge(failed, failure(true));
    for (const id of [dropped, failed]) {
      expect(await acknowledge(id, { status: 'delivered' })).toEqual({ outcome: 'recorded' });
      expect(await shownOf(id)).toMatchObject({ state: 'delivered' });
    }
  });

  it('of a failure says that nobody waits for what was dropped, delivered or is not there', async () => {
    const [dropped, delivered] = [await write(), await write()];
    await world.outbox.drop({ id: dropped });
    await acknowledge(delivered, { status: 'delivered' });
    for (const id of [dropped, delivered, 'nothing']) expect(await acknowledge(id, failure())).toEqual({ outcome: 'unknown' });
    expect(await acknowledge('nothing', { status: 'delivered' })).toEqual({ outcome: 'unknown' });
  });

  it('keeps an endless error short', async () => {
    const id = await write();
    await acknowledge(id, failure(false, 'x'.repeat(10_000)));
    expect((await shownOf(id))?.lastError).toHaveLength(500);
  });
});

describe('the operator', () => {
  it('lists the newest first, of one state, as many as wanted', async () => {
    const ids: string[] = [];
    for (let written = 0; written < 4; written += 1) {
      world.clock.nowMs += 1;
      ids.unshift(await write());
    }
    await acknowledge(ids[1]!, failure(true));
    const list = async (state: 'failed' | 'waiting' | null, limit: number) => (await world.outbox.list({ state, limit })).notices.map(({ id }) => id);
    expect(await list(null, 10)).toEqual(ids);
    expect(await list(null, 2)).toEqual(ids.slice(0, 2));
    expect(await list('failed', 10)).toEqual([ids[1]]);
    expect(await list('waiting', 10)).toEqual([ids[0], ids[2], ids[3]]);
    expect(await list(null, -1)).toEqual([]);
  });

  it('retries what was given up or waits for its next attempt, and nothing else', async () => {
    const [failed, waiting, delivered, dropped] = [await write(), await write(), await write(), await write()];
    await acknowledge(failed, failure(true));
    await acknowledge(delivered, { status: 'delivered' });
    await world.outbox.drop({ id: dropped });
    expect(await world.outbox.retry({ id: failed })).toEqual({ outcome: 'queued' });
    expect(await world.outbox.retry({ id: waiting })).toEqual({ outcome: 'queued' });
    expect(await world.outbox.retry({ id: delivered })).toEqual({ outcome: 'already_delivered' });
    expect(await world.outbox.retry({ id: dropped })).toEqual({ outcome: 'unknown' });
    expect(await world.outbox.retry({ id: 'nothing' })).toEqual({ outcome: 'unknown' });
    for (const id of [failed, waiting]) expect(await rowOf(id)).toMatchObject({ state: 'waiting', due_at_ms: world.clock.nowMs, requeue: 1 });
  });

  it('drops what has not arrived, and what it said with it', async () => {
    const [waiting, failed, delivered] = [await write(), await write(), await write()];
    await acknowledge(failed, failure(true));
    await acknowledge(delivered, { status: 'delivered' });
    for (const id of [waiting, failed]) {
      expect(await world.outbox.drop({ id })).toEqual({ outcome: 'dropped' });
      expect(await rowOf(id)).toMatchObject({ state: 'dropped', payload: null, last_error: 'dropped by the operator' });
    }
    expect(await world.outbox.drop({ id: waiting })).toEqual({ outcome: 'dropped' });
    expect(await world.outbox.drop({ id: delivered })).toEqual({ outcome: 'already_delivered' });
    expect(await world.outbox.drop({ id: 'nothing' })).toEqual({ outcome: 'unknown' });
  });

  it('sees how many wait, since when, and how many were given up', async () => {
    expect(await world.outbox.counts()).toEqual({ waiting: 0, failed: 0, oldestWaitingMs: 0 });
    const id = await write();
    world.clock.nowMs += 5000;
    await write();
    await write();
    await acknowledge(id, failure());
    expect(await world.outbox.counts()).toEqual({ waiting: 3, failed: 0, oldestWaitingMs: 5000 });
    await acknowledge(id, failure(true));
    expect(await world.outbox.counts()).toEqual({ waiting: 2, failed: 1, oldestWaitingMs: 0 });
  });
});

it('notices are forgotten after thirty days', async () => {
  await write();
  world.clock.nowMs += 30 * DAY_MS;
  await world.outbox.forgetOld(world.clock.nowMs);
  expect(await world.rows()).toHaveLength(1);
  await world.outbox.forgetOld(world.clock.nowMs + 1);
  expect(await world.rows()).toEqual([]);
});
