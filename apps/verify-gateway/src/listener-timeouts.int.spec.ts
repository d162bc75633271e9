import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { createListener } from './listener.js';
import { Routes } from './verify/routes.js';
import type { Verify } from './verify/verify.js';

it.each([
  ['a head', 'POST /sign-in HTTP/1.1\r\nHost: auth.example.com\r\nX-'],
  ['a body', 'POST /sign-in HTTP/1.1\r\nHost: auth.example.com\r\nContent-Length: 10\r\n\r\nuser'],
])('who never ends %s is hung up on soon after server.timeouts.read', async (_, bytes) => {
  const listener = createListener({
    routes: new Routes([], ''),
    verify: {} as Verify,
    portal: (req) => void req.resume(),
    ...{ readTimeoutMs: 100, idleTimeoutMs: 30_000, maxHeaderBytes: 8192, onFault: () => undefined },
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
});
