import net from 'node:net';
import { expect, it } from 'vitest';
import { freePort, freePortRange } from './ports.mjs';

/** Runs `use` while something listens on a port. */
async function whileTaken(use) {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(server.address().port);
  } finally {
    server.close();
  }
}

it('a taken port is passed over', () =>
  whileTaken(async (taken) => {
    const other = await freePort();
    expect(await freePort([taken, other])).toBe(other);
  }));

it('ports in a row are free, all of them', () =>
  whileTaken(async (taken) => {
    const tries = [(taken - 2 - 20_000) / 20_000, 0.5];
    const first = await freePortRange(4, () => tries.shift() ?? Math.random());
    expect(taken < first || taken > first + 3).toBe(true);
  }));
