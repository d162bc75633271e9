import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { client, http, sendRaw, startBackend, statusOf } from './index.js';
import { listenLocally } from './listen-locally.js';

describe('http', () => {
  it('sends headers as given: their order, letters and duplicates', async () => {
    const { url, requests } = await startBackend();
    const headers = [
      ['X-Forwarded-Host', 'a.example.com'],
      ['x-forwarded-host', 'b.example.com'],
      ['Remote_User', 'admin'],
      ['Host', 'c.example.com'],
    ] as const;
    await http(url, { path: '//x/../%2e', headers });
    expect(requests[0]?.url).toBe('//x/../%2e');
    expect(requests[0]?.rawHeaders.slice(0, 8)).toEqual(headers.flat());
  });

  it('sends an object as JSON and text as it is', async () => {
    const { url } = await startBackend();
    expect((await http(url, { method: 'POST', body: { a: 1 } })).json().headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
    });
    expect((await http(url, { method: 'POST', body: 'a=1', headers: { 'Content-Type': 'text/plain' } })).json().headers['content-type']).toBe(
      'text/plain',
    );
  });

  it('follows no redirect and rejects when nobody answers', async () => {
    const server = createServer((_, response) => response.writeHead(302, { Location: 'https://elsewhere.example.com/' }).end());
    const port = await listenLocally(server);
    expect(await http(`http://127.0.0.1:${port}`)).toMatchObject({ status: 302, headers: { location: 'https://elsewhere.example.com/' } });
    server.close();
    await expect(http(`http://127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('sendRaw', () => {
  it('sends what no client would', async () => {
    const { url } = await startBackend();
    expect(statusOf(await sendRaw(url, 'GE T / HTTP/1.1\r\nHost: x\r\n\r\n'))).toBe(400);
    expect(statusOf(await sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))).toBe(200);
    expect(statusOf('')).toBe(0);
  });
});

describe('client', () => {
  it('comes from a host behind a proxy, and keeps its cookies until they are taken away', async () => {
    const lines: Readonly<Record<string, string[]>> = {
      '/in': ['session=abc; Path=/; HttpOnly', 'lang=de'],
      '/out': ['session=; Path=/; Max-Age=0', 'lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    };
    const server = createServer(({ url = '', headers }, response) => {
      response.setHeader('Set-Cookie', lines[url] ?? []);
      response.end(JSON.stringify(headers));
    });
    const john = client(`http://127.0.0.1:${await listenLocally(server)}`, { host: 'auth.example.com', ip: '192.0.2.7' });
    const first = await john.post('/in', { a: 1 });
    const forwarded = {
      host: 'auth.example.com',
      'x-forwarded-host': 'auth.example.com',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '192.0.2.7',
    };
    expect(first.json()).toMatchObject({ ...forwarded, 'content-type': 'application/json' });
    expect(first.json().cookie).toBeUndefined();
    expect((await john.get('/')).json().cookie).toBe('session=abc; lang=de');
    const copy = john.copy({ ip: '192.0.2.8' });
    await john.get('/out');
    expect((await john.get('/')).json().cookie).toBeUndefined();
    expect((await copy.get('/')).json()).toMatchObject({ cookie: 'session=abc; lang=de', 'x-forwarded-for': '192.0.2.8' });
  });
});
