import { PROBE_ENDING, PROBE_HEADER, PROBE_LIFE_MS, PROBE_PURPOSE, probeMark } from '@portcullis/contracts-portal-api';
import { keyedHash } from '@portcullis/platform-seal';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Gateway, PROBE_SECRET } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterEach(() => {
  gateway.probes.length = 0;
  gateway.told.length = 0;
});
afterAll(() => gateway.stop());

const mark = (secret = PROBE_SECRET, lifeMs = PROBE_LIFE_MS): string =>
  probeMark({ id: randomBytes(16).toString('base64url'), expiresAtMs: Date.now() + lifeMs }, keyedHash(secret, PROBE_PURPOSE));
const at = (host: string, text: string): string => `https://${host}/.${text}${PROBE_ENDING}`;

describe('a probe of the operator', () => {
  it.each(['public', 'one', 'deny'])('of %s.example.com is refused whatever the rule, and what was seen of it told', async (name) => {
    const answer = await gateway.verify(at(`${name}.example.com`, mark()), { 'Remote-User': 'forged', 'X-Original-URL': 'https://x/' });
    expect([answer.status, answer.body]).toEqual([400, '']);
    expect(gateway.probes).toMatchObject([
      { endpoint: 'forward-auth', implementation: 'ForwardAuth', reason: 'malformed_target', method: 'GET', peer: '127.0.0.1', ip: '203.0.113.7' },
    ]);
    const headers = new Map(gateway.probes[0]?.headers);
    expect(headers.get('Remote-User')).toBe('forged');
    expect(headers.get('X-Original-URL')).toBe('https://x/');
    expect(headers.get('X-Forwarded-Host')).toBe(`${name}.example.com`);
    expect(gateway.told).toEqual([]);
  });

  it('is known by its header where the path did not arrive, and where something else is refused', async () => {
    await gateway.ask('GET', '/api/authz/auth-request', { headers: { Host: 'x', [PROBE_HEADER]: mark() } });
    await gateway.verify('https://one.example.com/', { [PROBE_HEADER]: mark(), Remote_User: 'forged' });
    await gateway.ask('GET', `/api/authz/ext-authz/.${mark()}${PROBE_ENDING}`, {
      headers: { Host: 'one.example.com', 'X-Forwarded-Proto': 'https' },
    });
    expect(gateway.probes.map(({ endpoint, reason }) => `${endpoint} ${reason}`)).toEqual([
      'auth-request missing_target',
      'forward-auth forged_identity_header',
      'ext-authz malformed_target',
    ]);
  });

  it('tells no cookie and no password', async () => {
    await gateway.verify(at('one.example.com', mark()), { Cookie: 'authelia_session=secret', Authorization: 'Basic secret', 'X-Api-Key': 'secret' });
    expect(JSON.stringify(gateway.probes)).not.toContain('secret');
  });

  it('is told once', async () => {
    const url = at('one.example.com', mark());
    await gateway.verify(url);
    await gateway.verify(url);
    expect(gateway.probes).toHaveLength(1);
  });
});

describe('nobody else learns anything by a mark', () => {
  it.each([
    ['signed with another secret', () => mark('another secret')],
    ['whose time is over', () => mark(PROBE_SECRET, -1)],
    ['that was altered', () => mark().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
  ])('%s: the answer is that of any refused request, and nothing is told', async (_, made) => {
    const plain = await gateway.verify('https://one.example.com/x%01');
    const answer = await gateway.verify(at('one.example.com', made()));
    expect({ ...answer, headers: { ...answer.headers, date: '' } }).toEqual({ ...plain, headers: { ...plain.headers, date: '' } });
    expect(gateway.probes).toEqual([]);
    expect(gateway.told).toHaveLength(2);
  });

  it('that is right changes no answer: it lets nobody in', async () => {
    const answers = [
      await gateway.verify('https://one.example.com/', { [PROBE_HEADER]: mark() }),
      await gateway.verify('https://deny.example.com/', { [PROBE_HEADER]: mark() }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([302, 403]);
    expect(gateway.probes).toEqual([]);
  });
});
