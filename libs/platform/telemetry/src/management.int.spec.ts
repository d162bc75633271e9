import { Counter, Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ManagementOptions, startManagement } from './management.js';

async function start(options: Partial<ManagementOptions> = {}): Promise<string> {
  const management = await startManagement({
    host: '127.0.0.1',
    port: 0,
    setting: 'telemetry.metrics.address',
    registry: new Registry(),
    ready: () => ({ ok: true, reasons: [] }),
    ...options,
  });
  onTestFinished(() => management.close());
  return `http://127.0.0.1:${management.port}`;
}

describe('the management server', () => {
  it('serves the registry’s metrics as Prometheus text', async () => {
    const registry = new Registry();
    new Counter({ name: 'seen_total', help: 'Seen.', registers: [registry] }).inc(3);
    const response = await fetch(`${await start({ registry })}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('seen_total 3\n');
  });

  it('serves them where the configuration says', async () => {
    const base = await start({ metricsPath: '/stats' });
    expect((await fetch(`${base}/stats`)).status).toBe(200);
    expect((await fetch(`${base}/metrics`)).status).toBe(404);
  });

  it('lives while it answers, ready or not', async () => {
    const base = await start({ ready: () => ({ ok: false, reasons: ['Redis is away'] }) });
    const response = await fetch(`${base}/health/live`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'OK' }]);
  });

  it('says why it is not ready, and asks at each request', async () => {
    let reasons = ['Redis is away'];
    const base = await start({ ready: () => ({ ok: reasons.length === 0, reasons }) });
    const unready = await fetch(`${base}/health/ready`);
    expect([unready.status, unready.headers.get('retry-after'), await unready.json()]).toEqual([
      503,
      '1',
      { status: 'KO', reasons: ['Redis is away'] },
    ]);
    reasons = [];
    const ready = await fetch(`${base}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'OK' }]);
  });

  it('answers a check that throws with 500, not with silence', async () => {
    const base = await start({
      ready: () => {
        throw new Error('broken check');
      },
    });
    expect((await fetch(`${base}/health/ready`)).status).toBe(500);
  });

  it('answers HEAD without a body, and no other method', async () => {
    const base = await start();
    const head = await fetch(`${base}/health/live`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${base}/metrics`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('has nothing else', async () => {
    const base = await start();
    for (const path of ['/', '/metrics/', '/health', '/debug/vars']) expect((await fetch(base + path)).status, path).toBe(404);
  });

  it('refuses a taken port by name', async () => {
    const port = Number(new URL(await start()).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(start({ port })).rejects.toThrow('set telemetry.metrics.address');
  });
});
