import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from '../support/lifetime.js';

export interface SlowRoad {
  readonly port: number;
  /** Each way, from now on. */
  delayMs: number;
}

/** A road to a port of this machine that can be slowed down. */
export async function slowRoad(to: number): Promise<SlowRoad> {
  const sockets = new Set<Socket>();
  const road = { port: 0, delayMs: 0 };
  const pass = (from: Socket, into: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes: Buffer) => {
      setTimeout(() => into.write(bytes), road.delayMs);
    });
    from.on('error', () => into.destroy()).on('close', () => into.destroy());
  };
  const server = createServer((socket) => {
    const far = connect({ host: '127.0.0.1', port: to });
    pass(socket, far);
    pass(far, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd({
    end: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  road.port = address.port;
  return road;
}
