import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { RequestHead, SLOT } from './request-head.js';

let head: RequestHead;
beforeEach(() => {
  head = new RequestHead();
});

it('finds a header in any case', () => {
  head.read(['HOST', 'a', 'x-Forwarded-PROTO', 'https', 'Unknown', '1']);
  expect([head.get(SLOT.host), head.get(SLOT['x-forwarded-proto']), head.get(SLOT.cookie)]).toEqual(['a', 'https', undefined]);
});

it('forgets the request before', () => {
  head.read(['Cookie', 'a=b', 'Remote_User', 'root', 'Host', 'a', 'Host', 'b']);
  head.read(['Host', 'a']);
  expect([head.get(SLOT.cookie), head.forged, head.repeated]).toEqual([undefined, false, false]);
});

describe('a header that comes twice', () => {
  it.each(['Host', 'X-Forwarded-Host', 'X-Original-URL', 'X-Forwarded-For', 'Authorization'])('is a contradiction when it is %s', (name) => {
    head.read([name, 'a', name.toLowerCase(), 'a']);
    expect(head.repeated).toBe(true);
  });

  it('is harmless when it is the number of the request: the first counts', () => {
    head.read(['X-Request-Id', 'a', 'x-request-id', 'b']);
    expect([head.get(SLOT['x-request-id']), head.repeated]).toEqual(['a', false]);
  });

  it('is joined when it is Cookie', () => {
    head.read(['Cookie', 'a=b', 'cookie', 'c=d']);
    expect([head.get(SLOT.cookie), head.repeated]).toEqual(['a=b; c=d', false]);
  });
});

it.each(['Remote_User', 'remote.user', 'REMOTE_GROUPS', 'Remote.Email', 'remote_name', 'Remote!User', 'remote~groups', 'REMOTE+NAME'])(
  'sees through %s',
  (name) => {
    head.read([name, 'root']);
    expect(head.forged).toBe(true);
  },
);

it.each(['Remote-User', 'remote-email', 'X-Remote-User', 'Remote-Users'])(
  'is not alarmed by %s, which a proxy overwrites or nobody reads',
  (name) => {
    head.read([name, 'root']);
    expect(head.forged).toBe(false);
  },
);

it('stays right when more spellings come than it remembers', () => {
  for (let i = 0; i < 10000; i++) head.read([`X-Junk-${i}`, '1', 'Host', 'a']);
  expect(head.get(SLOT.host)).toBe('a');
});

it('keeps nothing of long names that clients make up', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 4000; i++) head.read([`X-Junk-${i}-${'y'.repeat(8000)}`, '1']);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
  expect(head.get(SLOT.host)).toBeUndefined();
});
