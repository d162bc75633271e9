import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { measureCalls } from './measure-calls.js';

it('requests between services are timed by operation and side, and faults are counted by their code', async () => {
  const registry = new Registry();
  const tell = measureCalls(registry);
  tell({ side: 'client', pattern: 'session.v1.read', outcome: 'ok', seconds: 0.002 });
  tell({ side: 'client', pattern: 'session.v1.read', outcome: 'RPC_TIMEOUT', seconds: 3 });
  tell({ side: 'server', pattern: 'session.v1.read', outcome: 'ok', seconds: 0.001 });
  const text = await registry.metrics();
  expect(text).toContain('portcullis_rpc_duration_seconds_bucket{le="0.0025",side="client",operation="session.v1.read"} 1');
  expect(text).toContain('portcullis_rpc_duration_seconds_count{side="client",operation="session.v1.read"} 2');
  expect(text).toContain('portcullis_rpc_duration_seconds_count{side="server",operation="session.v1.read"} 1');
  expect(text.match(/^portcullis_rpc_faults_total.*$/gm)).toEqual([
    'portcullis_rpc_faults_total{side="client",operation="session.v1.read",fault="RPC_TIMEOUT"} 1',
  ]);
});
