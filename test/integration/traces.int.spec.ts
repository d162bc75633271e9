import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith, type RunningPortcullis, startPortcullis, until } from '../support/index.js';
import { decodeTraces, type ReceivedSpan } from './decode-traces.js';
import { peopleOf, SITE } from './site.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OF_THE_PROXY = `00-${TRACE}-b7ad6b7169203331-01`;

describeWith(['redis'], 'traces', () => {
  const received: ReceivedSpan[] = [];
  const collector = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (request.url === '/v1/traces') received.push(...decodeTraces(body));
      response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  let portcullis: RunningPortcullis;

  beforeAll(async () => {
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    portcullis = await startPortcullis({
      config: SITE,
      overlay: { telemetry: { traces: { otlp_endpoint: `http://127.0.0.1:${port}` } } },
      users: await peopleOf('ann'),
    });
  });
  afterAll(() => {
    collector.closeAllConnections();
    collector.close();
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
