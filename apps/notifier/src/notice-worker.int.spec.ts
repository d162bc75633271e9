import type { Notice } from '@portcullis/contracts-notifier';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordedDelivery, World } from './notifier.fixture.js';

// Each test starts a Redis; the deadlines that explain themselves are those of `eventually`.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.close();
});

const HOUR_MS = 3_600_000;
const codeFor = (name: string, expiresAtMs = Date.now() + HOUR_MS): Notice => ({
  kind: 'one_time_code',
  to: { name, address: `${name}@example.com` },
  code: 'ABCDEFGH',
  expiresAtMs,
  revokeUrl: null,
  remoteIp: '192.0.2.1',
  domain: 'example.com',
});
const told = (id: string, said: string) => eventually(`${id} is told: ${said}`, () => world.saidOf(id).includes(said));

/** A door that deliveries wait at. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    wait: (): Promise<undefined> => promise,
    open: () => {
      resolve(undefined);
    },
  };
}

describe('a notice', () => {
  it('is delivered and acknowledged, and what it said is nowhere in Redis', async () => {
    const { delivery } = await world.notifier();
    const held = gate();
    delivery.hold = held.wait;
    await world.add('n1', codeFor('alice'));
    await eventually('it is under way', () => delivery.begun === 1);
    const during = await world.everything();
    held.open();
    await told('n1', 'delivered');
    for (const all of [during, await world.everything()]) {
      expect(all).toContain('n1');
      expect(all).not.toContain('ABCDEFGH');
      expect(all).not.toContain('alice');
    }
    expect(delivery.delivered.map(({ letter }) => letter.to.address)).toEqual(['alice@example.com']);
    expect(await world.logged()).not.toContain('ABCDEFGH');
  });

  it('that was added again after it was delivered does not go out twice', async () => {
    const { delivery } = await world.notifier();
    await world.add('n1', codeFor('alice'));
    await told('n1', 'delivered');
    await eventually('the job is done', async () => (await world.queue.getJobCounts('completed'))['completed'] === 1);
    await world.add('n1', codeFor('alice'));
    await world.add('n2', codeFor('bob'));
    await told('n2', 'delivered');
    expect(delivery.delivered.map(({ id }) => id)).toEqual(['n1', 'n2']);
  });

  it('that expired meanwhile is not delivered late', async () => {
    const { delivery, registry } = await world.notifier();
    await world.add('n1', codeFor('alice', Date.now() - 1));
    await told('n1', 'failed 1 final');
    expect(delivery.begun).toBe(0);
    expect(await registry.metrics()).toContain('portcullis_notifier_deliveries_total{outcome="expired"} 1');
  });

  it('sealed with another secret is told as failed, loudly, with what to look at', async () => {
    const { delivery } = await world.notifier();
    await world.add('n1', codeFor('alice'), { attempts: 1, secret: 'another secret' });
    await told('n1', 'failed 1 final');
    expect(delivery.begun).toBe(0);
    expect(await world.logged()).toMatch(/level=error msg="A notice could not be delivered and is given up.*rpc\.secret/u);
  });
});

describe('a delivery that fails', () => {
  it('is tried again until it succeeds, each failure told', async () => {
    const { delivery } = await world.notifier();
    let left = 2;
    delivery.hold = () => (left-- > 0 ? Promise.reject(new Error('the mail server is away')) : Promise.resolve());
    await world.add('n1', codeFor('alice'));
    await told('n1', 'delivered');
    expect(world.saidOf('n1')).toEqual(['failed 1', 'failed 2', 'delivered']);
    expect(delivery.delivered).toHaveLength(1);
  });

  it('is given up after its attempts, with an error in the log and in the metrics, and can be added anew', async () => {
    const { delivery, registry } = await world.notifier();
    delivery.hold = () => Promise.reject(new Error('no such user here'));
    await world.add('n1', codeFor('alice'));
    await told('n1', 'failed 3 final');
    await eventually('the job is gone', async () => (await world.queue.getJob('n1')) === undefined);
    expect(world.saidOf('n1')).toEqual(['failed 1', 'failed 2', 'failed 3 final']);
    expect(await registry.metrics()).toContain('portcullis_notifier_deliveries_total{outcome="given_up"} 1');
    expect(await world.logged()).toMatch(/level=error msg="A notice could not be delivered and is given up.*no such user here/u);

    delivery.hold = () => Promise.resolve();
    await world.add('n1', codeFor('alice'));
    await told('n1', 'delivered');
  });

  it('is not tried again once nobody waits for it', async () => {
    const { delivery } = await world.notifier();
    world.answer = 'unknown';
    delivery.hold = () => Promise.reject(new Error('refused'));
    await world.add('n1', codeFor('alice'));
    await eventually('the job is gone', async () => (await world.queue.getJob('n1')) === undefined);
    expect(delivery.begun).toBe(1);
  });
});

describe('while the identity service is away', () => {
  it('a notice is delivered once, and acknowledged when it is back', async () => {
    const { delivery } = await world.notifier();
    await world.identityGoes();
    await world.add('n1', codeFor('alice'), { attempts: 1 });
    await eventually('it is delivered, and waits to be told', async () => (await world.queue.getJobCounts('delayed'))['delayed'] === 1);
    await world.identityComes();
    await told('n1', 'delivered');
    expect(delivery.delivered).toHaveLength(1);
  });

  it('a notice that was delivered is not delivered again by the next notifier', async () => {
    const first = await world.notifier();
    await world.identityGoes();
    await world.add('n1', codeFor('alice'));
    await eventually('it is delivered, and waits to be told', async () => (await world.queue.getJobCounts('delayed'))['delayed'] === 1);
    await first.close();
    await world.identityComes();
    const second = await world.notifier();
    await told('n1', 'delivered');
    expect(first.delivery.delivered).toHaveLength(1);
    expect(second.delivery.begun).toBe(0);
  });
});

describe('after a FLUSHALL', () => {
  it('a notice that is added again while it is under way is delivered once', async () => {
    const { delivery } = await world.notifier();
    const held = gate();
    delivery.hold = held.wait;
    await world.add('n1', codeFor('alice'));
    await eventually('it is under way', () => delivery.begun === 1);
    await world.raw.flushall();
    await world.add('n1', codeFor('alice'));
    await eventually('it is taken a second time', async () => (await world.queue.getJobCounts('active'))['active'] === 1);
    held.open();
    await told('n1', 'delivered');
    await eventually('the second job is done too', async () => (await world.queue.getJobCounts('completed'))['completed'] === 1);
    expect(delivery.begun).toBe(1);
  });

  it('a notice that was delivered, and not acknowledged before it, is not delivered again', async () => {
    const { delivery } = await world.notifier();
    await world.identityGoes();
    await world.add('n1', codeFor('alice'));
    await eventually('it is delivered', () => delivery.delivered.length === 1);
    await world.raw.flushall();
    await world.identityComes();
    await world.add('n1', codeFor('alice'));
    await told('n1', 'delivered');
    expect(delivery.begun).toBe(1);
  });

  it('the next notice is delivered as if nothing had been', async () => {
    const { delivery } = await world.notifier();
    await world.add('n1', codeFor('alice'));
    await told('n1', 'delivered');
    await world.raw.flushall();
    await world.add('n2', codeFor('bob'));
    await told('n2', 'delivered');
    expect(delivery.delivered.map(({ id }) => id)).toEqual(['n1', 'n2']);
  });
});

it('goes on when Redis was killed and comes back empty', async () => {
  const { delivery } = await world.notifier();
  await world.add('n1', codeFor('alice'));
  await told('n1', 'delivered');
  await world.redis.crash();
  await world.redis.restart();
  await world.add('n2', codeFor('bob'));
  await told('n2', 'delivered');
  expect(delivery.delivered.map(({ id }) => id)).toEqual(['n1', 'n2']);
});

it('of two notifiers each notice is delivered by one', async () => {
  const deliveries = [new RecordedDelivery(), new RecordedDelivery()];
  for (const delivery of deliveries) await world.notifier(delivery);
  const ids = Array.from({ length: 100 }, (_, index) => `n${index}`);
  await Promise.all(ids.map((id) => world.add(id, codeFor('alice'))));
  await Promise.all(ids.map((id) => told(id, 'delivered')));
  const delivered = deliveries.flatMap((delivery) => delivery.delivered.map(({ id }) => id));
  expect(delivered.sort()).toEqual([...ids].sort());
  // Both took part, or the test has shown nothing.
  for (const delivery of deliveries) expect(delivery.begun).toBeGreaterThan(0);
});

it('finishes what is under way before it ends, and leaves what comes then to the next', async () => {
  const running = await world.notifier();
  const { delivery } = running;
  const held = gate();
  delivery.hold = held.wait;
  await world.add('n1', codeFor('alice'));
  await eventually('it is under way', () => delivery.begun === 1);
  const closed = running.close();
  held.open();
  await closed;
  expect(world.saidOf('n1')).toEqual(['delivered']);
  await world.add('n2', codeFor('bob'));
  await world.notifier();
  await told('n2', 'delivered');
  expect(delivery.begun).toBe(1);
});

it('without Redis finishes what it delivers, and ends', async () => {
  const running = await world.notifier();
  const { delivery } = running;
  const held = gate();
  delivery.hold = held.wait;
  await world.add('n1', codeFor('alice'));
  await eventually('it is under way', () => delivery.begun === 1);
  await world.redis.crash();
  let hasEnded = false;
  const closed = running.close().then(() => (hasEnded = true));
  const looks: boolean[] = [];
  await eventually('it was looked at for a while', () => looks.push(hasEnded) > 20);
  held.open();
  await closed;
  expect(delivery.delivered).toHaveLength(1);
  expect(looks).not.toContain(true);
});

it('shows what waits, and for how long, in the metrics', async () => {
  const { registry } = await world.notifier();
  await eventually('Redis was asked', async () => (await registry.metrics()).includes('portcullis_notifier_queued 0'));
  await world.queue.add('notice', { noticeId: 'n1', sealed: '' }, { jobId: 'n1', delay: HOUR_MS, timestamp: Date.now() - HOUR_MS });
  const metrics = await registry.metrics();
  expect(metrics).toContain('portcullis_notifier_queued 1');
  expect(Number(/^portcullis_notifier_oldest_seconds (.*)$/mu.exec(metrics)?.[1])).toBeGreaterThanOrEqual(3600);
});
