import { historyData, overviewData } from '@portcullis/contracts-portal-api';
import type { Rule } from '@portcullis/domain-policy';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Gateway, type GatewayOptions } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

describe('GET /api/user/history', () => {
  it("shows the newest attempts of one's own account", async () => {
    const answer = await gateway.ask('GET', '/api/user/history', { session: await gateway.session.signedIn('bob') });
    const attempts = [{ at: '2023-11-14T22:13:20.000Z', factor: 'password', successful: true, banned: false, remote_ip: '203.0.113.7' }];
    expect(answer.json).toEqual({ status: 'OK', data: { attempts } });
    expect(historyData.parse(answer.json.data).attempts).toHaveLength(1);
    expect(gateway.identity.asked('listAttempts')).toEqual([{ username: 'bob', limit: 50 }]);
  });

  it('is for people who are signed in', async () => {
    expect((await gateway.ask('GET', '/api/user/history')).body).toBe('403 Forbidden');
  });
});

describe('GET /api/user/overview', () => {
  const overview = async (at: Gateway, session: string) => {
    const answer = await at.ask('GET', '/api/user/overview', { session });
    expect(answer.status).toBe(200);
    return overviewData.parse(answer.json.data);
  };
  const sites = async (at: Gateway, session: string) => (await overview(at, session)).sites.map(({ host, policy }) => `${host} ${policy}`);
  async function another(options: GatewayOptions): Promise<Gateway> {
    const other = await Gateway.start(options);
    onTestFinished(() => other.stop());
    return other;
  }
  const rule = (domain: string, more: Partial<Rule> = {}): Rule => ({
    ...{ policy: 'one_factor', domains: [domain], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [] },
    ...more,
  });

  it('says who one is, and the sites that rules name and one may open, with the factor each needs', async () => {
    const session = await gateway.session.signedIn('bob', 1, {
      profile: { username: 'bob', displayName: 'Bob <b>', emails: [], groups: ['users', 'dev'] },
    });
    expect(await overview(gateway, session)).toEqual({
      ...{ username: 'bob', display_name: 'Bob <b>', groups: ['users', 'dev'] },
      sites: [
        { host: 'public.example.com', policy: 'bypass' },
        { host: 'one.example.com', policy: 'one_factor' },
        { host: 'two.example.com', policy: 'two_factor' },
        { host: 'api.example.com', policy: 'one_factor' },
        { host: 'query.example.com', policy: 'one_factor' },
      ],
    });
  });

  it('judges each for this person', async () => {
    const groups = ['users', 'admins'];
    const session = await gateway.session.signedIn('alice', 1, { profile: { username: 'alice', displayName: '', emails: [], groups } });
    expect(await sites(gateway, session)).toContain('admin.example.com one_factor');
    expect(await sites(gateway, await gateway.session.signedIn('bob'))).not.toContain('admin.example.com one_factor');
  });

  it('names neither portals, nor patterns, nor hosts of other domains', async () => {
    const rules = ['auth.example.com', 'auth.other.test', '*.example.com', '{user}.example.com', 'app.elsewhere.test', 'app.other.test'];
    const other = await another({ rules: rules.map((domain) => rule(domain)) });
    expect(await sites(other, await other.session.signedIn('bob'))).toEqual(['app.other.test one_factor']);
  });

  it('names at most 200, however many rules there are', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => rule(`app-${index}.example.com`, { policy: index < 500 ? 'deny' : 'bypass' }));
    const other = await another({ rules: many });
    const found = await sites(other, await other.session.signedIn('bob'));
    expect([found.length, found[0], found.at(-1)]).toEqual([200, 'app-500.example.com bypass', 'app-699.example.com bypass']);
  });

  it('is for people who are signed in', async () => {
    expect((await gateway.ask('GET', '/api/user/overview')).body).toBe('403 Forbidden');
  });
});
