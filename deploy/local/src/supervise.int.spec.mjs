import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, startSupervisor, until } from './supervise.fixture.mjs';

const stages = [[{ name: 'store' }], [{ name: 'worker' }, { name: 'helper' }], [{ name: 'gate' }]];
const names = ['store', 'worker', 'helper', 'gate'];
let stack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

async function startAll(of = stages) {
  const supervisor = startSupervisor(stack, of);
  await until(
    () => `all is up\n${supervisor.output()}`,
    () => supervisor.output().includes('all is up'),
  );
  return supervisor;
}

describe('the supervisor', () => {
  it('passes on what the services say once all are ready', async () => {
    const supervisor = await startAll();
    await until('every word', () => names.every((name) => supervisor.output().includes(`${name} is up`)));
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('ends all of them on %s, the gate first and the store last', async (signal) => {
    const supervisor = await startAll();
    const pids = names.map(supervisor.pidOf);
    supervisor.signal(signal);
    expect(await supervisor.ended).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(supervisor.ends().at(0)).toBe('gate SIGTERM');
    expect(supervisor.ends().at(-1)).toBe('store SIGTERM');
  });

  it('starts a service that died again, and says so', async () => {
    const supervisor = await startAll();
    const first = supervisor.pidOf('worker');
    process.kill(first, 'SIGKILL');
    await until('another worker', () => supervisor.pidOf('worker') !== first && isAlive(supervisor.pidOf('worker')));
    expect(supervisor.output()).toContain('worker ended (SIGKILL); it is started again in 0.3 s');
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const supervisor = await startAll();
    const pids = names.map(supervisor.pidOf);
    supervisor.signal('SIGKILL');
    await until('all gone', () => !pids.some(isAlive));
    expect([...supervisor.ends()].sort()).toEqual(names.map((name) => `${name} left alone`).sort());
  });

  it('prints the report of a refused start once, and ends what was up', async () => {
    const supervisor = startSupervisor(stack, [
      [{ name: 'store' }],
      [
        { name: 'worker', words: ['refuse'] },
        { name: 'helper', words: ['refuse'] },
      ],
    ]);
    expect(await supervisor.ended).toBe(1);
    expect(supervisor.output().match(/configuration\.yml:3/g)).toHaveLength(1);
    expect(supervisor.output()).not.toContain('store is up');
    expect(supervisor.ends()).toEqual(['store SIGTERM']);
  });

  it('ends at once, whoever is deaf, when it is told a second time', async () => {
    const supervisor = await startAll([[{ name: 'store', words: ['deaf'] }]]);
    const pid = supervisor.pidOf('store');
    supervisor.signal('SIGINT');
    await until('the word', () => supervisor.output().includes('Stopping'));
    const toldAt = performance.now();
    // Sooner, it would count as the same press.
    await until('another press', () => performance.now() - toldAt > 1000);
    supervisor.signal('SIGINT');
    await until('the end', () => !isAlive(pid));
    expect(await supervisor.ended).toBe(0);
  });
});
