import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith, http, type RunningPortcullis, startPortcullis, tempDir, until } from '../support/index.js';
import { decodeTraces, type ReceivedSpan } from './decode-traces.js';
import { peopleOf, SITE } from './site.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OF_THE_PROXY = `00-${TRACE}-b7ad6b7169203331-01`;

/** Takes spans for the suite that calls it. */
function useCollector(): { readonly received: readonly ReceivedSpan[]; readonly endpoint: () => string } {
  const received: ReceivedSpan[] = [];
  const collector = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (request.url === '/v1/traces') received.push(...decodeTraces(body));
      response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    collector.closeAllConnections();
    collector.close();
  });
  return { received, endpoint: () => `http://127.0.0.1:${(collector.address() as AddressInfo).port}` };
}

describeWith(['redis'], 'traces', () => {
  const { received, endpoint } = useCollector();
  let portcullis: RunningPortcullis;

  beforeAll(async () => {
    portcullis = await startPortcullis({
      config: SITE,
      overlay: { telemetry: { traces: { otlp_endpoint: endpoint() } } },
      users: await peopleOf('ann'),
    });
  });

  const spansOf = (trace: string): readonly ReceivedSpan[] => received.filter(({ traceId }) => traceId === trace);
  const named = (trace: string, service: string, name: string): ReceivedSpan | undefined =>
    spansOf(trace).find((span) => span.service === service && span.name === name);
  const untilNamed = (trace: string, service: string, name: string): Promise<ReceivedSpan> =>
    until(() => named(trace, service, name) ?? false, { what: `a span ${name} of ${service}`, timeoutMs: 20_000 });

  it('follow one request from the proxy through the gateway, the services and the queue to the notifier', async () => {
    const visitor = portcullis.client({ host: 'auth.site.test', headers: { traceparent: OF_THE_PROXY } });
    await visitor.post('/api/reset-password/identity/start', { username: 'ann' });
    const request = await untilNamed(TRACE, 'portcullis-verify-gateway', 'POST /api/reset-password/identity/start');
    expect(request.parentId).toBe('b7ad6b7169203331');
    const notice = await untilNamed(TRACE, 'portcullis-notifier', 'notice');
    const by = new Map(spansOf(TRACE).map((span) => [span.spanId, span]));
    const road: string[] = [];
    for (let span: ReceivedSpan | undefined = notice; span !== undefined; span = by.get(span.parentId)) road.unshift(span.service);
    expect(road).toEqual(['portcullis-verify-gateway', 'portcullis-verify-gateway', 'portcullis-identity', 'portcullis-notifier']);
    await untilNamed(TRACE, 'portcullis-identity', 'identity.v1.acknowledgeNotice');
  });

  it('begin at the gateway where the proxy says nothing of one, or what it says is none', async () => {
    for (const headers of [{}, { traceparent: '00-00000000000000000000000000000000-b7ad6b7169203331-01' }, { traceparent: 'what?' }])
      await portcullis.client({ host: 'auth.site.test', headers }).post('/api/firstfactor', { username: 'ann', password: 'wrong' });
    const begun = (): readonly ReceivedSpan[] => received.filter(({ name }) => name === 'POST /api/firstfactor');
    await until(() => begun().length === 3, { what: 'three requests', timeoutMs: 20_000 });
    expect(begun().map(({ parentId }) => parentId)).toEqual(['', '', '']);
    expect(new Set(begun().map(({ traceId }) => traceId)).size).toBe(3);
  });

  describe('hold nothing that', () => {
    it('opens a door: no name, no password, no cookie, no code', () => {
      const texts = JSON.stringify(received);
      for (const secret of ['ann', 'wrong', 'authelia_session']) expect(texts).not.toContain(secret);
    });
  });
});

describeWith(['redis'], 'a trace that somebody sends who is no trusted proxy', () => {
  const { received, endpoint } = useCollector();

  it('is not followed: the gateway begins its own, and no span lands in theirs', async () => {
    const portcullis = await startPortcullis({
      config: SITE,
      overlay: { server: { trusted_proxies: ['192.0.2.1'] }, telemetry: { traces: { otlp_endpoint: endpoint() } } },
      users: await peopleOf('ann'),
    });
    const body = JSON.stringify({ username: 'ann', password: 'wrong' });
    const headers = { Host: 'auth.site.test', 'Content-Type': 'application/json', traceparent: OF_THE_PROXY };
    await http(portcullis.base, { method: 'POST', path: '/api/firstfactor', headers, body });
    const begun = await until(() => received.find(({ name }) => name === 'POST /api/firstfactor') ?? false, {
      what: 'the request',
      timeoutMs: 20_000,
    });
    expect([begun.parentId, begun.traceId === TRACE]).toEqual(['', false]);
    await portcullis.stop();
    expect(received.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  });
});

/** Writes down what a process loads of OpenTelemetry, but for the bare interfaces (`@opentelemetry/api`), which prom-client asks for. */
const NOTE_LOADED = `
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    if (/[@/]opentelemetry(?!\\/api\\/)/.test(url)) appendFileSync(process.env.LOADED_FILE, url + '\\n');
    return next(url, context);
  },
});
`;

describeWith(['redis'], "OpenTelemetry's SDK", () => {
  const { endpoint } = useCollector();
  const loadedBy = async (traces: object): Promise<readonly string[]> => {
    const dir = tempDir('loaded');
    const [hook, file] = [join(dir, 'note.mjs'), join(dir, 'loaded')];
    writeFileSync(hook, NOTE_LOADED);
    writeFileSync(file, '');
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}`, LOADED_FILE: file };
    const portcullis = await startPortcullis({ config: SITE, overlay: { telemetry: traces }, users: await peopleOf('ann'), env });
    await portcullis.client({ host: 'auth.site.test' }).post('/api/reset-password/identity/start', { username: 'ann' });
    await until(() => existsSync(portcullis.mailFile), { what: 'the mail', timeoutMs: 20_000 });
    await portcullis.stop();
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  };

  it('is not loaded at all while nobody traces, also by what people do', async () => {
    expect(await loadedBy({})).toEqual([]);
  });

  it('is loaded where somebody does', async () => {
    expect(await loadedBy({ traces: { otlp_endpoint: endpoint() } })).not.toEqual([]);
  });
});
