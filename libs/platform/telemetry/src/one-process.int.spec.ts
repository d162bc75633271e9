import { afterEach, expect, it, vi } from 'vitest';

/** Whether services share the process is one of its facts: each test has modules of its own. */
const load = async () => {
  vi.resetModules();
  return import('./index.js');
};
afterEach(() => {
  vi.resetModules();
});

const service = (registry: object) => ({ host: '127.0.0.1', port: 0, setting: 's', registry: registry as never });

it('services of one process share a port: ready when all are, and the metrics of all', async () => {
  const { createRegistry, openManagement, shareProcess, startManagement, tellConfiguration } = await load();
  const one = shareProcess();
  const reasons: string[] = [];
  for (const name of ['identity', 'session']) {
    const registry = createRegistry({ service: name, version: '1' });
    tellConfiguration(registry, name, `hash of ${name}`);
    await startManagement({ ...service(registry), ready: () => ({ ok: reasons.length === 0, reasons }) });
  }
  const source = { contentType: 'text/plain' as never, metrics: () => one.metrics() };
  const management = await openManagement({ ...service({}), registry: source, ready: one.ready });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${management.port}${path}`);
    return `${response.status} ${await response.text()}`;
  };
  expect(await get('/health/ready')).toBe('200 {"status":"OK"}');
  reasons.push('Redis does not answer');
  expect(await get('/health/ready')).toBe('503 {"status":"KO","reasons":["Redis does not answer"]}');
  const metrics = await get('/metrics');
  for (const name of ['identity', 'session']) expect(metrics).toContain(`portcullis_configuration_info{service="${name}",hash="hash of ${name}"} 1`);
  expect(metrics.match(/^process_resident_memory_bytes /gm)).toHaveLength(1);
  await management.close();
});

it('their ends come one after the other, the last first, whatever one of them does', async () => {
  const { createLogger, shareProcess, stopOnSignals } = await load();
  const one = shareProcess();
  const logger = createLogger({ level: 'error', format: 'text', filePath: '/dev/null', service: 'test' });
  const ended: string[] = [];
  for (const name of ['session', 'identity', 'gateway']) {
    const close = (): Promise<void> => {
      ended.push(name);
      return name === 'identity' ? Promise.reject(new Error('stuck')) : Promise.resolve();
    };
    stopOnSignals({ supervised: false, logger, close, deadlineMs: 1000 });
  }
  await one.close();
  expect(ended).toEqual(['gateway', 'identity', 'session']);
});
