import net from 'node:net';
import { Refusal } from './terminal.mjs';

const FIRST_RANDOM = 20_000;
const RANDOM_SPAN = 20_000;
const TRIES = 200;

/** Whether `port` (0: any) can be listened on; resolves to the port, or undefined. */
function probe(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const { port: taken } = server.address();
      server.close(() => resolve(taken));
    });
  });
}

/** The first free one of `wanted`, else any free one. */
export async function freePort(wanted = [], host = '127.0.0.1') {
  for (const port of [...wanted, 0]) {
    const free = await probe(port, host);
    if (free !== undefined) return free;
  }
  throw new Refusal(`No port is free on ${host}.`);
}

/** The first of `count` free ports in a row. `random` is 0 to 1. */
export async function freePortRange(count, random = Math.random) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = FIRST_RANDOM + Math.floor(random() * RANDOM_SPAN);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => probe(first + index, '127.0.0.1')));
    if (!free.includes(undefined)) return first;
  }
  throw new Refusal(`No ${count} ports in a row are free on 127.0.0.1.`);
}

/** Whether this machine speaks IPv6 to itself. */
export const hasIpv6Loopback = async () => (await probe(0, '::1')) !== undefined;
