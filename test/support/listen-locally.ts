import { once } from 'node:events';
import type { Server } from 'node:http';
import { atEnd } from './lifetime.js';

/** Listens on a free port of 127.0.0.1 until the end, and resolves to the port. */
export async function listenLocally(server: Server): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  atEnd({
    end: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}
