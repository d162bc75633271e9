import { createRegistry } from '@portcullis/platform-telemetry';
import { expect, it } from 'vitest';
import { forwardAuth } from './forward-auth.js';
import { Meter } from './meter.js';
import type { Endpoint, Route } from './routes.js';

const endpoints: readonly Endpoint[] = ['auth-request', 'forward-auth'].map((name, slot) => ({
  name,
  slot,
  path: `/${name}`,
  dialect: forwardAuth,
  strategies: [],
}));
const routeOf = (slot: number): Route => ({ endpoint: endpoints[slot]!, query: { rd: null, autheliaUrl: null, basic: false }, uri: '', below: '' });

it('every answer is counted once, by endpoint and outcome', async () => {
  const registry = createRegistry({ service: 'verify-gateway', version: '0' });
  const meter = new Meter(registry, endpoints);
  meter.count(routeOf(0), 'allowed', performance.now(), false);
  meter.count(routeOf(1), 'allowed', performance.now(), false);
  meter.count(routeOf(1), 'allowed', performance.now(), false);
  meter.count(routeOf(1), 'unavailable', performance.now(), false);
  const text = await registry.metrics();
  const value = (line: RegExp): string | undefined => line.exec(text)?.[1];
  expect(value(/^portcullis_verify_decisions_total\{[^}]*endpoint="auth-request"[^}]*outcome="allowed"[^}]*\} (\d+)$/m)).toBe('1');
  expect(value(/^portcullis_verify_decisions_total\{[^}]*endpoint="forward-auth"[^}]*outcome="allowed"[^}]*\} (\d+)$/m)).toBe('2');
  expect(value(/^portcullis_verify_decisions_total\{[^}]*endpoint="forward-auth"[^}]*outcome="unavailable"[^}]*\} (\d+)$/m)).toBe('1');
  expect(value(/^portcullis_verify_duration_seconds_count\{[^}]*endpoint="forward-auth"[^}]*outcome="allowed"[^}]*\} (\d+)$/m)).toBe('2');
});

it('what took a hash is timed apart from what took none, and both are decisions', async () => {
  const registry = createRegistry({ service: 'verify-gateway', version: '0' });
  const meter = new Meter(registry, endpoints);
  meter.count(routeOf(1), 'allowed', performance.now(), false);
  for (const outcome of ['allowed', 'challenged', 'challenged', 'forbidden'] as const) meter.count(routeOf(1), outcome, performance.now(), true);
  const text = await registry.metrics();
  const timed = (password: string): readonly string[] =>
    [
      ...text.matchAll(
        new RegExp(`^portcullis_verify_duration_seconds_count\\{endpoint="forward-auth",outcome="(\\w+)",password="${password}"\\} ([1-9])$`, 'gm'),
      ),
    ].map(([, outcome, count]) => `${String(outcome)} ${String(count)}`);
  expect(timed('checked')).toEqual(['allowed 1', 'challenged 2', 'forbidden 1']);
  expect(timed('none')).toEqual(['allowed 1']);
  expect(text).toMatch(/^portcullis_verify_decisions_total\{endpoint="forward-auth",outcome="allowed"\} 2$/m);
});

it('every request that is not taken is counted by what is wrong with it (attacks 3, 7)', async () => {
  const registry = createRegistry({ service: 'verify-gateway', version: '0' });
  const meter = new Meter(registry, endpoints);
  meter.countRefusal('ambiguous_target');
  meter.countRefusal('forged_identity_header');
  meter.countRefusal('forged_identity_header');
  const text = await registry.metrics();
  const of = (reason: string): string | undefined =>
    new RegExp(`^portcullis_verify_refusals_total\\{[^}]*reason="${reason}"[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1];
  expect([of('ambiguous_target'), of('forged_identity_header'), of('untrusted_peer')]).toEqual(['1', '2', '0']);
});
