import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identityHeaders } from '../sessions/live-session.js';
import { allow, challenge, forbid, methodNotAllowed, refuse, signIn, unavailable } from './reply.js';

/** What leaves the machine: the bytes of the head line by line (latin1, without Date and Connection) and of the body. */
async function bytesOf(reply: (res: ServerResponse) => void, method = 'GET'): Promise<{ readonly head: readonly string[]; readonly body: string }> {
  const server = createServer((_req, res) => {
    reply(res);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(`${method} / HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n`);
  const [head = '', body = ''] = (await buffer(socket)).toString('latin1').split('\r\n\r\n');
  return { head: head.split('\r\n').filter((line) => !/^(?:Date|Connection|Keep-Alive):/i.test(line)), body };
}

const empty = ['Cache-Control: no-store', 'Content-Length: 0'];
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

describe('allow', () => {
  it('carries all four Remote-* headers, empty for nobody (attack 6)', async () => {
    expect(await bytesOf(allow)).toEqual({
      head: ['HTTP/1.1 200 OK', 'Remote-User: ', 'Remote-Groups: ', 'Remote-Name: ', 'Remote-Email: ', 'Content-Length: 0'],
      body: '',
    });
  });

  it('carries who it is, as bytes of UTF-8', async () => {
    const headers = identityHeaders('jürgen', ['日本', 'users'], 'Jürgen Öst 😀', 'j@example.com');
    expect(
      (
        await bytesOf((res) => {
          allow(res, headers);
        })
      ).head,
    ).toEqual([
      'HTTP/1.1 200 OK',
      `Remote-User: ${utf8('jürgen')}`,
      `Remote-Groups: ${utf8('日本,users')}`,
      `Remote-Name: ${utf8('Jürgen Öst 😀')}`,
      'Remote-Email: j@example.com',
      'Content-Length: 0',
    ]);
  });

  it('lets no control character out (attack 61)', async () => {
    const headers = identityHeaders('bob\r\nRemote-Groups: admins', ['a\u0000b'], 'B\tob\u007f', '');
    const { head } = await bytesOf((res) => {
      allow(res, headers);
    });
    expect(head).toEqual([
      'HTTP/1.1 200 OK',
      'Remote-User: bob  Remote-Groups: admins',
      'Remote-Groups: a b',
      'Remote-Name: B ob ',
      'Remote-Email: ',
      'Content-Length: 0',
    ]);
  });
});

describe('a refusal', () => {
  it.each([
    [400, 'Bad Request'],
    [401, 'Unauthorized'],
  ] as const)('with %i is empty', async (status, text) => {
    expect(
      await bytesOf((res) => {
        refuse(res, status);
      }),
    ).toEqual({ head: [`HTTP/1.1 ${status} ${text}`, ...empty], body: '' });
  });

  it('with 403 is empty where the proxy writes its own page, and says so where it relays', async () => {
    expect(
      await bytesOf((res) => {
        forbid(res, false);
      }),
    ).toEqual({ head: ['HTTP/1.1 403 Forbidden', ...empty], body: '' });
    const relayed = await bytesOf((res) => {
      forbid(res, true);
    });
    expect(relayed.body).toBe('403 Forbidden');
    expect(relayed.head).toEqual([
      'HTTP/1.1 403 Forbidden',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Length: 13',
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      "Content-Security-Policy: default-src 'none'",
    ]);
  });

  it('with 503 says when to come again', async () => {
    expect(await bytesOf(unavailable)).toEqual({ head: ['HTTP/1.1 503 Service Unavailable', 'Retry-After: 2', ...empty], body: '' });
  });

  it('with 405 names what is allowed', async () => {
    const { head, body } = await bytesOf(methodNotAllowed);
    expect(head).toContain('Allow: GET, HEAD');
    expect([head[0], body]).toEqual(['HTTP/1.1 405 Method Not Allowed', '405 Method Not Allowed']);
  });

  it('that asks for credentials asks in the proxy’s own words where it is one', async () => {
    expect(
      (
        await bytesOf((res) => {
          challenge(res, false);
        })
      ).head,
    ).toEqual(['HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Basic realm="Authorization Required"', ...empty]);
    expect(
      (
        await bytesOf((res) => {
          challenge(res, true);
        })
      ).head,
    ).toEqual(['HTTP/1.1 407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="Authorization Required"', ...empty]);
  });
});

describe('the way to sign in', () => {
  const location = 'https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2F&rm=GET';

  it.each([
    [302, 'Found'],
    [303, 'See Other'],
  ] as const)('with %i is a header and a link', async (status, text) => {
    const { head, body } = await bytesOf((res) => {
      signIn(res, { status, location, silent: false });
    });
    expect(head.slice(0, 3)).toEqual([`HTTP/1.1 ${status} ${text}`, `Location: ${location}`, 'Content-Type: text/html; charset=utf-8']);
    expect(body).toBe(`<a href="${location.replaceAll('&', '&amp;')}">${status} ${text}</a>`);
  });

  it('with 401 is a header alone', async () => {
    expect(
      await bytesOf((res) => {
        signIn(res, { status: 401, location, silent: false });
      }),
    ).toEqual({
      head: ['HTTP/1.1 401 Unauthorized', `Location: ${location}`, ...empty],
      body: '',
    });
  });

  it('shows nothing where the target’s method is HEAD', async () => {
    expect(
      await bytesOf((res) => {
        signIn(res, { status: 302, location, silent: true });
      }),
    ).toEqual({
      head: ['HTTP/1.1 302 Found', `Location: ${location}`, ...empty],
      body: '',
    });
  });

  it('that is not known is a bare 401', async () => {
    expect(
      await bytesOf((res) => {
        signIn(res, { status: 302, location: null, silent: false });
      }),
    ).toEqual({ head: ['HTTP/1.1 401 Unauthorized', ...empty], body: '' });
  });

  it('never becomes markup', async () => {
    const odd = `https://auth.example.com/?a="'<b>`;
    const { body } = await bytesOf((res) => {
      signIn(res, { status: 302, location: odd, silent: false });
    });
    expect(body).toBe('<a href="https://auth.example.com/?a=&#34;&#39;&lt;b&gt;">302 Found</a>');
  });

  it('has no body towards a proxy that asked with HEAD', async () => {
    expect(
      (
        await bytesOf((res) => {
          signIn(res, { status: 302, location, silent: false });
        }, 'HEAD')
      ).body,
    ).toBe('');
  });
});
