import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveSession } from './live-session.js';
import { SessionCache } from './session-cache.js';

const session = (readAtMs: number): LiveSession => ({ hash: 'h', readAtMs }) as LiveSession;
let cache: SessionCache;
beforeEach(() => {
  cache = new SessionCache();
  cache.open();
});
const put = (hash: string, value: LiveSession | null): void => {
  cache.store(hash, cache.begin(hash), value, 0);
};

it('remembers a session it read, and that there is none', () => {
  put('h', session(0));
  put('gone', null);
  expect(cache.get('h', 1)).toMatchObject({ readAtMs: 0 });
  expect(cache.get('gone', 1)).toBe('absent');
  expect(cache.get('unknown', 1)).toBeUndefined();
});

it('never serves a copy older than a minute, nor that there was none', () => {
  put('h', session(0));
  put('gone', null);
  expect([cache.get('h', 59_999), cache.get('gone', 59_999)]).toEqual([session(0), 'absent']);
  expect([cache.get('h', 60_000), cache.get('gone', 60_000)]).toEqual([undefined, undefined]);
});

it('believes the later of two answers', () => {
  put('h', null);
  put('h', session(0));
  expect(cache.get('h', 1)).toEqual(session(0));
  put('h', null);
  expect(cache.get('h', 1)).toBe('absent');
});

describe('the id that a browser shows', () => {
  const shown = (): LiveSession => {
    const live = session(0);
    put('h', live);
    cache.show('the id', live);
    return live;
  };

  it('finds the copy it belongs to', () => {
    const live = shown();
    expect(cache.getShown('the id', 1)).toBe(live);
    expect(cache.getShown('another id', 1)).toBeUndefined();
  });

  it.each([
    [
      'the key changed',
      () => {
        cache.forget('h');
      },
    ],
    [
      'another copy was stored',
      () => {
        put('h', session(0));
      },
    ],
    [
      'the session is gone',
      () => {
        put('h', null);
      },
    ],
    [
      'coherence was lost',
      () => {
        cache.close();
      },
    ],
    [
      'coherence was lost and found again',
      () => {
        cache.open();
      },
    ],
  ])('finds nothing once %s', (_, change) => {
    shown();
    change();
    expect(cache.getShown('the id', 1)).toBeUndefined();
  });

  it('finds nothing that is older than a minute', () => {
    shown();
    expect(cache.getShown('the id', 60_000)).toBeUndefined();
  });

  it('is not kept with a copy that was forgotten meanwhile', () => {
    const live = session(0);
    put('h', live);
    cache.forget('h');
    cache.show('the id', live);
    expect(cache.getShown('the id', 1)).toBeUndefined();
  });
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
  cache.store('h', token, session(0), 0);
  expect(cache.get('h', 1)).toBeUndefined();
});

it('does not store an answer to a read begun before everything was forgotten', () => {
  const token = cache.begin('h');
  cache.clear();
  cache.store('h', token, session(0), 0);
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

it('does not store the answer of a read that another one followed', () => {
  const first = cache.begin('h');
  const second = cache.begin('h');
  cache.store('h', first, session(1), 0);
  expect(cache.get('h', 1)).toBeUndefined();
  cache.store('h', second, session(2), 0);
  expect(cache.get('h', 3)).toEqual(session(2));
});

it('keeps nothing of a read that had no answer', () => {
  const token = cache.begin('h');
  expect(cache.abandon('h', token)).toBe(true);
  expect(cache.abandon('h', token)).toBe(false);
  expect(cache.size).toEqual({ sessions: 0, absent: 0, reading: 0 });
});

it('is bounded: the oldest copy goes first', () => {
  for (let i = 0; i <= 50_000; i++) {
    put(`s${i}`, session(0));
    put(`a${i}`, null);
  }
  expect(cache.size.sessions).toBe(50_000);
  expect(cache.size.absent).toBeLessThanOrEqual(50_000);
  expect([cache.get('s0', 1), cache.get('s50000', 1), cache.get('a50000', 1)]).toEqual([undefined, session(0), 'absent']);
});
