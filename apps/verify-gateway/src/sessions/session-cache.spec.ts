import { beforeEach, expect, it } from 'vitest';
import { type LiveSession } from './live-session.js';
import { SessionCache } from './session-cache.js';

const session = (readAtMs: number): LiveSession => ({ hash: 'h', readAtMs }) as LiveSession;
let cache: SessionCache;
beforeEach(() => {
  cache = new SessionCache();
  cache.open();
});
const put = (hash: string, value: LiveSession | null): void => {
  cache.store(hash, cache.begin(hash), value);
};

it('remembers a session it read, and that there is none', () => {
  put('h', session(0));
  put('gone', null);
  expect(cache.get('h', 1)).toMatchObject({ readAtMs: 0 });
  expect(cache.get('gone', 1)).toBe('absent');
  expect(cache.get('unknown', 1)).toBeUndefined();
});

it('never serves a copy older than a minute', () => {
  put('h', session(0));
  expect(cache.get('h', 60_000)).toBeUndefined();
});

it('forgets a session whose key changed', () => {
  put('h', session(0));
  cache.forget('h');
  expect(cache.get('h', 1)).toBeUndefined();
});

it('forgets that there was none once the key is made', () => {
  put('h', null);
  cache.forget('h');
  expect(cache.get('h', 1)).toBeUndefined();
});

it('does not store an answer that an invalidation overtook', () => {
  const token = cache.begin('h');
  cache.forget('h');
  cache.store('h', token, session(0));
  expect(cache.get('h', 1)).toBeUndefined();
});

it('does not store an answer to a read begun before everything was forgotten', () => {
  const token = cache.begin('h');
  cache.clear();
  cache.store('h', token, session(0));
  expect(cache.get('h', 1)).toBeUndefined();
});

it('remembers nothing while coherence cannot be promised', () => {
  put('h', session(0));
  cache.close();
  put('h', session(0));
  expect(cache.get('h', 1)).toBeUndefined();
  cache.open();
  expect(cache.get('h', 1)).toBeUndefined();
});
