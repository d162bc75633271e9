import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { listenLocally } from '../support/listen-locally.js';

export interface RunningEcho {
  readonly url: string;
  /** Handshakes that came through. */
  readonly handshakes: readonly IncomingMessage[];
}

/** @see RFC 6455 section 4.2.2: HAProxy checks it. */
const acceptFor = (key: string): string => hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64');

/** An application that takes every handshake of a WebSocket and sends back the bytes it is sent; `/status/404` is answered 404, any other address with the size of the body. */
export async function startEcho(): Promise<RunningEcho> {
  const handshakes: IncomingMessage[] = [];
  const server = createServer((incoming, response) => {
    void buffer(incoming).then(({ length }) => {
      const status = /^\/status\/(\d{3})$/.exec(incoming.url ?? '')?.[1];
      response.writeHead(Number(status ?? 200)).end(status === undefined ? String(length) : '');
    });
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
    handshakes.push(incoming);
    socket.on('error', () => undefined);
    const accept = acceptFor(incoming.headers['sec-websocket-key'] ?? '');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.pipe(socket);
  });
  return { url: `http://127.0.0.1:${await listenLocally(server)}`, handshakes };
}

export interface Handshake {
  readonly status: number;
  /** What came back for `hello`; undefined where the handshake was refused. */
  readonly echo: string | undefined;
}

/** Opens a WebSocket through the proxy, says hello and leaves. @see RFC 6455 section 4.1 */
export async function shakeHands(front: string, host: string, cookie: string): Promise<Handshake> {
  const outgoing = request(front, {
    agent: false,
    rejectUnauthorized: false,
    servername: host,
    headers: {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...(cookie === '' ? {} : { Cookie: cookie }),
    },
    signal: AbortSignal.timeout(10_000),
  });
  const answered = Promise.race([once(outgoing, 'upgrade'), once(outgoing, 'response')]) as Promise<[IncomingMessage, Duplex?]>;
  outgoing.end();
  const [response, socket] = await answered;
  if (socket === undefined) {
    response.resume();
    return { status: response.statusCode ?? 0, echo: undefined };
  }
  socket.write('hello');
  const [echo] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return { status: response.statusCode ?? 0, echo: echo.toString() };
}
