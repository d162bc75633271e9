import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeWith, type HttpResponse, type RunningPortcullis, type RunningRedis, until } from '../support/index.js';
import type { Authenticator } from './authenticator.js';
import { enrol } from './enrol.js';
import type { Front } from './fronts.js';
import { type Backends, guideFile, guidesOwnFront, passwords, shippedFronts, startGuideInstallation } from './guide-installation.js';
import { portal, signInAddress } from './installation.js';
import { type Person, person } from './person.js';

const nextcloud = 'https://nextcloud.example.com';
const jellyfin = 'https://jellyfin.example.com';

describe.each([guidesOwnFront, ...shippedFronts])("the guide's installation", (guideFront) => {
  describeWith(['redis', guideFront.part], `behind ${guideFront.title}`, () => {
    let redis: RunningRedis;
    let portcullis: RunningPortcullis;
    let backends: Backends;
    let front: Front;
    let user: Person;
    let usersApp: Authenticator;
    let admin: Person;
    let adminsApp: Authenticator;

    let mail: () => string;

    const somebody = (): Person => person(front.base);
    const password = (who: Person, username: string, typed: string, targetURL?: string): Promise<HttpResponse> =>
      who.post(`${portal}/api/firstfactor`, { username, password: typed, ...(targetURL === undefined ? {} : { targetURL, requestMethod: 'GET' }) });
    const code = async (who: Person, app: Authenticator, targetURL = `${nextcloud}/`): Promise<HttpResponse> =>
      who.post(`${portal}/api/secondfactor/totp`, { token: await app.code(), targetURL });
    const statusOf = async (who: Person, url: string): Promise<number> => (await who.open(url)).status;
    const saveRules = (text: string): void => {
      const tree = parse(readFileSync(portcullis.configFile, 'utf8')) as object;
      writeFileSync(portcullis.configFile, stringify({ ...tree, ...(parse(text) as object) }));
    };

    beforeAll(async () => {
      ({ redis, portcullis, backends, front, mail } = await startGuideInstallation(guideFront));
    });

    const asked = `${nextcloud}/apps/files?dir=%2Fa%20b&view=1`;

    it('sends a stranger to the portal and keeps the address they asked for', async () => {
      const { status, headers } = await somebody().open(asked);
      expect({ status, location: headers.location }).toEqual({ status: 302, location: signInAddress(asked) });
      expect(backends.nextcloud.requests).toEqual([]);
      const page = await somebody().open(headers.location!);
      expect(page.status).toBe(200);
      expect(page.body).toMatch(/<input[^>]*name="password"/);
      const keys = (await redis.cli('KEYS', 'portcullis:session:*')) as readonly string[];
      expect(keys.filter((key) => !key.includes(':canary:'))).toEqual([]);
    });

    it('asks for a second factor after the password, and gives one by a mailed code', async () => {
      user = somebody();
      const answer = await password(user, 'user', passwords.user, asked);
      expect(answer).toMatchObject({ status: 200, body: '{"status":"OK"}' });
      expect(await statusOf(user, asked)).toBe(302);
      usersApp = await enrol(user, portal, 'user@example.com', mail);
      expect(await statusOf(user, asked)).toBe(302);
      expect(backends.nextcloud.requests).toEqual([]);
    });

    it('lets them on to where they were going with a code of the authenticator, which works once', async () => {
      const token = await usersApp.code();
      const send = (): Promise<HttpResponse> => user.post(`${portal}/api/secondfactor/totp`, { token, targetURL: asked });
      const answer = await send();
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual({ status: 'OK', data: { redirect: asked } });
      expect((await send()).status).toBe(403);
      const seen = await user.open(asked);
      expect(seen.status).toBe(200);
      expect(seen.json()).toMatchObject({
        url: '/apps/files?dir=%2Fa%20b&view=1',
        headers: {
          'remote-user': 'user',
          'remote-groups': 'users',
          'remote-name': 'Regular User',
          'remote-email': 'user@example.com',
          'x-forwarded-proto': 'https',
        },
      });
    });

    it.each([
      { 'Remote-User': 'admin', 'Remote-Groups': 'admins', 'Remote-Name': 'Admin', 'Remote-Email': 'admin@example.com' },
      { 'remote-user': 'admin' },
      { Remote_User: 'admin' },
      { 'Remote-Groups': 'users,admins' },
    ])('shows the application who they are, not what they say (%o)', async (forged) => {
      const answer = await user.open(`${nextcloud}/`, forged);
      // What another reader could take for an identity is refused, or does not pass the proxy.
      if (answer.status === 400) return;
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({ headers: { 'remote-user': 'user', 'remote-groups': 'users' } });
      expect(answer.body.toLowerCase()).not.toContain('admin');
    });

    it('opens the other applications without asking again', async () => {
      expect(await statusOf(user, `${jellyfin}/`)).toBe(200);
      expect(backends.jellyfin.requests.at(-1)?.headers).toMatchObject({ 'remote-user': 'user' });
    });

    it('refuses by the group rule of step 5, two seconds after the save', async () => {
      admin = somebody();
      expect((await password(admin, 'admin', passwords.admin)).status).toBe(200);
      adminsApp = await enrol(admin, portal, 'admin@example.com', mail);
      expect((await code(admin, adminsApp)).json()).toEqual({ status: 'OK', data: { redirect: `${nextcloud}/` } });
      expect(await statusOf(admin, `${nextcloud}/`)).toBe(200);
      saveRules(guideFile('guide-step5.yml'));
      await until(async () => (await statusOf(admin, `${nextcloud}/`)) === 403, { timeoutMs: 2000, what: 'the group rule' });
      expect(await statusOf(user, `${nextcloud}/`)).toBe(200);
      expect(await statusOf(admin, `${jellyfin}/`)).toBe(200);
      expect(await statusOf(somebody(), `${nextcloud}/`)).toBe(302);
    });

    it('tells an open application nothing but what it knows itself', async () => {
      saveRules(guideFile('guide-step5.yml').replace(/(jellyfin\.example\.com'\n\s*policy: )two_factor/, '$1bypass'));
      await until(async () => (await statusOf(somebody(), `${jellyfin}/`)) === 200, { timeoutMs: 2000, what: 'jellyfin to be open' });
      for (const forged of [{ 'Remote-User': 'admin' }, { 'remote-user': 'admin', 'Remote-Groups': 'admins' }, { Remote_User: 'admin' }]) {
        const answer = await somebody().open(`${jellyfin}/`, forged);
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 200) expect(answer.body.toLowerCase()).not.toContain('admin');
      }
      expect((await user.open(`${jellyfin}/`, { 'Remote-User': 'admin' })).json()).toMatchObject({ headers: { 'remote-user': 'user' } });
      saveRules(guideFile('guide-step5.yml'));
      await until(async () => (await statusOf(somebody(), `${jellyfin}/`)) === 302, { timeoutMs: 2000, what: 'jellyfin to be closed' });
    });

    it('ends a session at once by signing out, and that one alone', async () => {
      const leaving = somebody();
      expect((await password(leaving, 'user', passwords.user)).status).toBe(200);
      expect((await code(leaving, usersApp)).status).toBe(200);
      expect(await statusOf(leaving, `${nextcloud}/`)).toBe(200);
      const kept = leaving.copy();
      const { status, body } = await leaving.post(`${portal}/api/logout`);
      expect({ status, body }).toEqual({ status: 200, body: '{"status":"OK","data":{"safeTargetURL":false}}' });
      // What a browser is known by the next time stays with the portal, and opens nothing.
      expect(leaving.cookieFor('auth.example.com')).toMatch(/^portcullis_device=[\w-]+$/);
      expect(leaving.cookieFor('nextcloud.example.com')).toBe('');
      expect(await statusOf(leaving, `${nextcloud}/`)).toBe(302);
      expect(await statusOf(kept, `${nextcloud}/`)).toBe(302);
      expect(await statusOf(user, `${nextcloud}/`)).toBe(200);
    });

    it('ends every session of a person by the command line within a second', async () => {
      const { code: exit, stdout, stderr } = await portcullis.cli('sessions', 'revoke-all', 'user');
      expect(`${stdout}${stderr}`).toContain('Ended 1 session');
      expect(exit).toBe(0);
      await until(async () => (await statusOf(user, `${nextcloud}/`)) === 302, { timeoutMs: 1000, what: 'the session to be gone' });
      expect(await statusOf(admin, `${jellyfin}/`)).toBe(200);
    });

    it('signs everybody out by FLUSHDB and works on at once', async () => {
      expect(await redis.cli('FLUSHDB')).toBe('OK');
      await until(
        async () => {
          const status = await statusOf(admin, `${jellyfin}/`);
          expect([302, 503]).toContain(status);
          return status === 302;
        },
        { timeoutMs: 2000, what: 'the administrator to be asked to sign in' },
      );
      expect((await password(admin, 'admin', passwords.admin)).status).toBe(200);
      expect((await code(admin, adminsApp)).status).toBe(200);
      expect(await statusOf(admin, `${jellyfin}/`)).toBe(200);
    });

    it('bans after three wrong passwords: the right one is refused, and the log has the words that the guide looks for', async () => {
      const thief = somebody();
      for (const typed of ['Wrong-passw0rd', 'Wrong-passw1rd', 'Wrong-passw2rd']) expect((await password(thief, 'user', typed)).status).toBe(401);
      const right = await password(somebody(), 'user', passwords.user);
      expect(right.status).toBe(401);
      expect(right.json()).toEqual({ status: 'KO', message: 'Authentication failed. Check your credentials.' });
      expect(right.headers['set-cookie']).toBeUndefined();
      const told = (): readonly string[] =>
        portcullis
          .logs()
          .split('\n')
          .filter((line) => /1FA.*authentication failed/.test(line));
      await until(() => told().some((line) => line.includes('banned until')), { what: 'the log to tell of the ban' });
      const lines = told();
      expect(lines).toHaveLength(4);
      for (const line of lines) expect(line).toMatch(/by user 'user'.*remote_ip=127\.0\.0\.1/);
      expect((await portcullis.cli('storage', 'bans', 'user', 'list')).stdout).toContain('user');
      expect((await portcullis.cli('storage', 'bans', 'user', 'revoke', 'user')).code).toBe(0);
      expect((await password(somebody(), 'user', passwords.user)).status).toBe(200);
    });
  });
});
