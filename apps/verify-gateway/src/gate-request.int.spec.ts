import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GateRequest } from './gate-request.js';

interface Met {
  readonly folded: IncomingHttpHeaders;
  readonly whole: IncomingHttpHeaders;
  readonly body: string;
}

let gate: Server;
let plain: Server;
let met: Met[] = [];
beforeAll(async () => {
  gate = createServer({ IncomingMessage: GateRequest, ...{ optimizeEmptyRequests: true } }, (req, res) => {
    const folded = { ...req.headers };
    req.unfold();
    void bodyOf(req).then((body) => {
      met.push({ folded, whole: { ...req.headers }, body });
      res.end('ok');
    });
  });
  plain = createServer((req, res) => {
    res.end(JSON.stringify(req.headers));
  });
  for (const server of [gate, plain]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const server of [gate, plain]) await new Promise((resolve) => server.close(resolve));
});

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req) body += String(chunk);
  return body;
}

/** All that comes back for those bytes. */
const send = (server: Server, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(bytes));
    socket
      .setEncoding('latin1')
      .on('error', reject)
      .on('close', () => {
        resolve(answer);
      });
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
  });

async function meet(bytes: string): Promise<Met> {
  met = [];
  expect(await send(gate, bytes)).toMatch(/HTTP\/1\.1 200 OK/);
  return met[0] as Met;
}

const HEAD =
  'Host: a.example\r\nConnection: close\r\nX-Forwarded-Uri: /x\r\nCOOKIE: a=1\r\nCookie: b=2\r\nhost: b.example\r\nAccept: x\r\naccept: y\r\n';

it('shows node:http the headers of the message framing, and everybody else all of them', async () => {
  const { folded, whole } = await meet(`GET / HTTP/1.1\r\n${HEAD}\r\n`);
  expect(folded).toEqual({ host: 'a.example' });
  const answer = await send(plain, `GET / HTTP/1.1\r\n${HEAD}\r\n`);
  expect(whole).toEqual(JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)));
});

it.each([
  ['a length', 'Content-Length: 5\r\n\r\nhello'],
  ['a length in other letters', 'CONTENT-LENGTH: 5\r\n\r\nhello'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
])('a body announced by %s arrives whole', async (_, rest) => {
  expect((await meet(`POST / HTTP/1.1\r\n${HEAD}${rest}`)).body).toBe('hello');
});

it('a body that waits to be asked for is asked for', async () => {
  met = [];
  const answer = await send(gate, `POST / HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`);
  expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  expect(met[0]?.body).toBe('hello');
});

it('an expectation that nobody meets is 417', async () => {
  expect(await send(gate, `POST / HTTP/1.1\r\n${HEAD}Expect: miracles\r\nContent-Length: 0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 417 /);
});

it('a request that names no host is 400 (RFC 9112 section 3.2)', async () => {
  expect(await send(gate, 'GET / HTTP/1.1\r\nConnection: close\r\nCookie: a=1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

it('a second request on the same connection is read by itself', async () => {
  met = [];
  await send(gate, `GET /1 HTTP/1.1\r\nHost: one\r\nX-A: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: two\r\nConnection: close\r\n\r\n`);
  expect(met.map(({ whole }) => [whole.host, whole['x-a']])).toEqual([
    ['one', '1'],
    ['two', undefined],
  ]);
});
