import { writeFileSync } from 'node:fs';
import type { PasswordPolicy } from '@portcullis/domain-passwords';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NewPassword, type NewPasswordOptions } from './new-password.js';
import { CHEAP, openWorld, type World } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/change-password' };
const POLICY: PasswordPolicy = {
  kind: 'standard',
  minLength: 8,
  maxLength: 0,
  requireUppercase: true,
  requireLowercase: false,
  requireNumber: false,
  requireSpecial: false,
};

let world: World;
const grants = new Map<string, string>();

beforeEach(async () => {
  world = await openWorld(
    async (digestOf) => `# the team
users:
  bob: { displayname: Bob, email: bob@example.com, password: "${await digestOf('bob')}" } # builder
  eve: { displayname: Eve, disabled: true, password: "${await digestOf('eve')}" }
`,
  );
  grants.clear();
});
afterEach(() => world.close());

function newPassword(options: Partial<NewPasswordOptions> = {}): NewPassword {
  return new NewPassword({
    ...world,
    digest: CHEAP,
    policy: POLICY,
    changeDisabled: false,
    resetDisabled: false,
    grants: {
      holder: (grant) => Promise.resolve(grants.get(grant) ?? null),
      redeem: (_, grant) => {
        const username = grants.get(grant) ?? null;
        grants.delete(grant);
        return Promise.resolve(username);
      },
    },
    ...options,
  });
}

const change = (options: Partial<Parameters<NewPassword['change']>[0]> = {}) =>
  newPassword().change({
    username: 'bob',
    oldPassword: "bob's password",
    newPassword: 'Another one',
    keepSessionId: 'this one',
    origin: ORIGIN,
    ...options,
  });
const opens = async (password: string): Promise<boolean> => (await world.passwords.check('bob', password, ORIGIN)) !== null;

describe('a change', () => {
  it('puts the new password in the place of the old, ends all other sessions and tells by mail', async () => {
    const before = world.usersText();
    expect(await change()).toEqual({ outcome: 'changed' });
    expect(world.sessions.calls).toEqual(['end bob but this one: password_changed']);
    expect(world.written).toEqual([
      { kind: 'event', to: { name: 'Bob', address: 'bob@example.com' }, event: 'password_changed', remoteIp: '192.0.2.1', atMs: world.clock.nowMs },
    ]);
    expect(await opens("bob's password")).toBe(false);
    expect(await opens('Another one')).toBe(true);
    expect(world.usersText().replace(/"\$argon2[^"]+"/u, '')).toBe(before.replace(/"\$argon2[^"]+"/u, ''));
  });

  it('counts wrong old passwords towards the ban', async () => {
    for (let tries = 0; tries < 3; tries += 1) expect(await change({ oldPassword: 'wrong' })).toEqual({ outcome: 'refused' });
    expect(await change()).toEqual({ outcome: 'refused' });
    expect(await opens("bob's password")).toBe(false);
  });

  it.each([
    ['', ['empty']],
    ['   ', ['empty']],
    ['short', ['too_short', 'no_uppercase']],
    ["bob's password", ['no_uppercase', 'unchanged']],
    ['X'.repeat(5000), ['too_long']],
  ])('to %j is refused by the policy, and leaves nothing behind but that the old password was right', async (password, failed) => {
    expect(await change({ newPassword: password })).toEqual({ outcome: 'policy', failed });
    expect(await world.attempts()).toMatchObject([{ username: 'bob', successful: 1 }]);
    expect(await opens("bob's password")).toBe(true);
    expect(world.sessions.calls).toEqual([]);
    expect(world.written).toEqual([]);
  });

  it('with a wrong old password is counted and learns nothing of the policy, nor is the new one scored', async () => {
    const scored: string[] = [];
    const parts = newPassword({ policy: { kind: 'zxcvbn', minScore: 3, scoreOf: (password) => scored.push(password) } });
    const request = { username: 'bob', oldPassword: 'wrong', newPassword: 'weak', keepSessionId: '', origin: ORIGIN };
    for (let tries = 0; tries < 3; tries += 1) expect(await parts.change(request)).toEqual({ outcome: 'refused' });
    expect((await world.attempts()).map(({ successful }) => successful)).toEqual([0, 0, 0]);
    expect(await parts.change({ ...request, oldPassword: "bob's password" })).toEqual({ outcome: 'refused' });
    expect(scored).toEqual([]);
  });

  it('to nothing is refused where there is no policy', async () => {
    const parts = newPassword({ policy: { kind: 'none' } });
    expect(await parts.change({ username: 'bob', oldPassword: "bob's password", newPassword: ' ', keepSessionId: '', origin: ORIGIN })).toMatchObject(
      {
        outcome: 'policy',
        failed: ['empty'],
      },
    );
  });

  it('is disabled by the configuration', async () => {
    const parts = newPassword({ changeDisabled: true });
    const request = { username: 'bob', oldPassword: "bob's password", newPassword: 'Another one', keepSessionId: '', origin: ORIGIN };
    expect(await parts.change(request)).toEqual({ outcome: 'disabled' });
  });

  it('that cannot be written without guessing changes and tells nothing', async () => {
    writeFileSync(world.usersPath, world.usersText().replace('password: "', 'password: &p "'));
    world.file.reload();
    expect(await change()).toEqual({ outcome: 'disabled' });
    expect(await opens("bob's password")).toBe(true);
    expect(await world.db.selectFrom('published_users').selectAll().execute()).toEqual([]);
    expect(world.sessions.calls).toEqual([]);
  });

  it('is not undone, and is finished later, where the sessions cannot be ended now', async () => {
    world.sessions.away = true;
    await expect(change()).rejects.toThrow('the session service is away');
    expect(await opens('Another one')).toBe(true);
    expect(await world.db.selectFrom('published_users').selectAll().execute()).toMatchObject([{ username: 'bob', end_due_ms: world.clock.nowMs }]);
  });
});

describe('a reset', () => {
  const reset = (grant: string, password = 'Another one') => newPassword().reset({ grant, password, ip: '192.0.2.1' });

  it('sets the password once, ends all sessions, lifts the ban and tells by mail', async () => {
    for (let tries = 0; tries < 3; tries += 1) await opens('wrong');
    grants.set('g', 'bob');
    expect(await reset('g')).toEqual({ outcome: 'reset', username: 'bob' });
    expect(world.sessions.calls).toEqual(['end bob but none: password_reset']);
    expect(world.written).toMatchObject([{ event: 'password_reset' }]);
    expect(await opens('Another one')).toBe(true);
    expect(await reset('g', 'Yet another')).toEqual({ outcome: 'refused' });
  });

  it('keeps the grant of somebody whose password is too weak', async () => {
    grants.set('g', 'bob');
    expect(await reset('g', 'weak')).toEqual({ outcome: 'policy', failed: ['too_short', 'no_uppercase'] });
    expect(await reset('g', '')).toEqual({ outcome: 'policy', failed: ['empty'] });
    expect(await reset('g')).toEqual({ outcome: 'reset', username: 'bob' });
  });

  it('without a grant learns nothing of the policy, nor is the password scored', async () => {
    const scored: string[] = [];
    const parts = newPassword({ policy: { kind: 'zxcvbn', minScore: 3, scoreOf: (password) => scored.push(password) } });
    expect(await parts.reset({ grant: 'none', password: 'weak', ip: '' })).toEqual({ outcome: 'refused' });
    expect(scored).toEqual([]);
  });

  it('by two at once is done by one', async () => {
    grants.set('g', 'bob');
    const outcomes = await Promise.all([reset('g', 'First one'), reset('g', 'Second one')]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['refused', 'reset']);
  });

  it.each([
    ['nobody granted', null],
    ['of a disabled user', 'eve'],
    ['of a user who is gone', 'mallory'],
  ])('%s is refused', async (_, username) => {
    if (username !== null) grants.set('g', username);
    expect(await reset('g')).toEqual({ outcome: 'refused' });
    expect(world.sessions.calls).toEqual([]);
  });

  it('is disabled by the configuration', async () => {
    grants.set('g', 'bob');
    expect(await newPassword({ resetDisabled: true }).reset({ grant: 'g', password: 'Another one', ip: '' })).toEqual({ outcome: 'disabled' });
    expect(grants.size).toBe(1);
  });
});
