import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './ports.mjs';
import { listen, startStandInProxy } from './stand-in-proxy.mjs';

let stack;
let ports;
/** What the gate and the app were asked, and what the gate answers. */
let asked;
let answer;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  asked = { gate: [], app: [] };
  answer = { status: 200, headers: { 'remote-user': 'demo', 'remote-name': 'Demo' } };
  const serve = async (name, reply) => {
    const server = await listen((request, response) => {
      asked[name].push(request);
      const { status, headers } = reply();
      response.writeHead(status, headers).end(`from the ${name}`);
    }, 0);
    stack.defer(() => server.close());
    return server.address().port;
  };
  ports = { gateway: await serve('gate', () => answer), backend: await serve('app', () => ({ status: 200 })), proxy: await freePort() };
  stack.defer(await startStandInProxy({ ports, addresses: ['127.0.0.1'] }));
});
afterEach(() => stack.disposeAsync());

const get = (host, path, headers = {}) =>
  new Promise((resolve, reject) => {
    const request = http.get(
      { port: ports.proxy, host: '127.0.0.1', path, headers: { host: `${host}:${ports.proxy}`, ...headers } },
      async (reply) => {
        let body = '';
        for await (const chunk of reply.setEncoding('utf8')) body += chunk;
        resolve({ status: reply.statusCode, headers: reply.headers, body });
      },
    );
    request.on('error', reject);
  });

describe('the stand-in proxy', () => {
  it('gives the app the four headers of the gate, and none of the client in any spelling', async () => {
    const forged = { 'Remote-User': 'admin', Remote_Groups: 'admins', 'remote.email': 'x@y', 'Remote-Email': 'x@y' };
    const reply = await get('app.portcullis.localhost', '/page?a=b', { ...forged, cookie: 'c=1' });
    expect(reply.body).toBe('from the app');
    const { headers, url } = asked.app[0];
    expect(url).toBe('/page?a=b');
    const seen = Object.entries(headers).filter(([name]) => /^remote/i.test(name));
    expect(Object.fromEntries(seen)).toEqual({ 'remote-user': 'demo', 'remote-name': 'Demo', 'remote-groups': '', 'remote-email': '' });
  });

  it('names the target to the gate itself, whatever the client says', async () => {
    await get('app.portcullis.localhost', '/page?a=b', { 'x-forwarded-uri': '/public', 'x-original-url': 'https://elsewhere/', cookie: 'c=1' });
    const { headers } = asked.gate[0];
    expect(headers).toMatchObject({
      'x-forwarded-uri': '/page?a=b',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `app.portcullis.localhost:${ports.proxy}`,
      'x-forwarded-method': 'GET',
      cookie: 'c=1',
    });
    expect(headers).not.toHaveProperty('x-original-url');
  });

  it.each([
    [302, { location: 'http://auth.portcullis.localhost/' }],
    [403, {}],
    [503, { 'retry-after': '2' }],
  ])('passes a refusal on as it is: %d', async (status, headers) => {
    answer = { status, headers };
    const reply = await get('admin.portcullis.localhost', '/');
    expect(reply).toMatchObject({ status, headers });
    expect(asked.app).toHaveLength(0);
  });

  it('keeps the questions of proxies off the portal', async () => {
    for (const path of ['/api/verify', '/api/authz/forward-auth', '/authelia/API/verify?rd=x'])
      expect((await get('auth.portcullis.localhost', path)).status).toBe(404);
    expect(asked.gate).toHaveLength(0);
    expect((await get('auth.portcullis.localhost', '/api/state')).body).toBe('from the gate');
  });

  it('lets nobody through where the gate is away', async () => {
    ports.gateway = await freePort();
    await stack.disposeAsync();
    stack = new AsyncDisposableStack();
    stack.defer(await startStandInProxy({ ports, addresses: ['127.0.0.1'] }));
    expect((await get('app.portcullis.localhost', '/')).status).toBe(503);
  });
});
