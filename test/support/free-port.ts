import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { until, type UntilOptions } from './until.js';

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** The first of `count` neighbouring free ports, below those the system gives to outgoing connections. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(12_000, 32_000 - count);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

export const freePort = (): Promise<number> => freePorts(1);

/** Resolves when something accepts connections on 127.0.0.1. */
export async function untilListening(port: number, options: UntilOptions = {}): Promise<void> {
  await until(
    async () => {
      const socket = createConnection({ host: '127.0.0.1', port });
      try {
        await once(socket, 'connect');
        return true;
      } finally {
        socket.destroy();
      }
    },
    { what: `a listener on 127.0.0.1:${port}`, ...options },
  );
}
