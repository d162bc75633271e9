import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from './lifetime.js';

/** What stands in the first bytes of a connection is enough to know it by (the name that a client of Redis gives itself). */
const OPENING_BYTES = 4096;

export interface Road {
  readonly port: number;
  /** Each way, from now on. */
  delayMs: number;
  /** Breaks the connections whose opening fits, as often as somebody opens one, until `open()`. */
  close(fits?: RegExp): void;
  open(): void;
  /** Half-open: those that fit stay, and nothing passes on them any more; new ones pass. @returns how many */
  hush(fits: RegExp): number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  opening: string;
  hushed: boolean;
}

/** Late, and never one before another, whatever becomes of the delay meanwhile. */
function inOrder(write: (bytes: Buffer) => void, delayMs: () => number): (bytes: Buffer) => void {
  const waiting: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  const go = (): void => {
    for (let first = waiting[0]; first && first.atMs <= performance.now(); first = waiting[0]) {
      write(first.bytes);
      waiting.shift();
    }
    if (waiting[0]) setTimeout(go, Math.max(1, waiting[0].atMs - performance.now()));
  };
  return (bytes) => {
    waiting.push({ bytes, atMs: performance.now() + delayMs() });
    if (waiting.length === 1) go();
  };
}

/** A road to a port of this machine that can be slow, broken, or dead without a word. */
export async function startRoad(to: number): Promise<Road> {
  const pairs = new Set<Pair>();
  let closed: RegExp | undefined;
  const road = { port: 0, delayMs: 0 };
  const end = (pair: Pair): void => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };
  const pass = (pair: Pair, from: Socket, into: Socket): void => {
    const send = inOrder(
      (bytes) => into.write(bytes),
      () => road.delayMs,
    );
    from.on('data', (bytes: Buffer) => {
      if (from === pair.near && pair.opening.length < OPENING_BYTES) pair.opening += bytes.toString('latin1');
      if (closed?.test(pair.opening)) end(pair);
      else if (!pair.hushed) send(bytes);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!pair.hushed) end(pair);
    });
  };
  const server = createServer((near) => {
    if (closed?.test('')) {
      near.destroy();
      return;
    }
    const pair: Pair = { near, far: connect({ host: '127.0.0.1', port: to }), opening: '', hushed: false };
    pairs.add(pair);
    pass(pair, pair.near, pair.far);
    pass(pair, pair.far, pair.near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd({
    end: () => {
      server.close();
      for (const pair of [...pairs]) end(pair);
    },
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  road.port = address.port;
  return Object.assign(road, {
    close: (fits = /^/) => {
      closed = fits;
      for (const pair of [...pairs]) if (fits.test(pair.opening)) end(pair);
    },
    open: () => {
      closed = undefined;
    },
    hush: (fits: RegExp) => {
      const found = [...pairs].filter((pair) => fits.test(pair.opening));
      for (const pair of found) pair.hushed = true;
      return found.length;
    },
  });
}
