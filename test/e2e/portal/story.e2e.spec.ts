import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, until } from '../../support/index.js';
import { authenticator, type Authenticator } from '../authenticator.js';
import { type GuideInstallation, passwords, shippedFronts, startGuideInstallation } from '../guide-installation.js';
import { portal } from '../installation.js';
import { fillIn, giveMailedCode, heading, isInteractive, type Page, signInButton, type Visitor, visitorsOf } from './portal-world.js';
import { scan } from './qr-code.js';

const asked = 'https://nextcloud.example.com/apps/files?dir=%2Fa%20b&view=1';
const jellyfin = 'https://jellyfin.example.com/web/';
const NEW_PASSWORD = 'Rhubarb-tart-9';

/** What the application was sent, as it shows it. */
const seen = async (page: Page): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }> =>
  JSON.parse((await page.locator('#request').textContent()) ?? '') as { url: string; headers: Record<string, string> };

/** Asks the application again from within its own page, as a script of it would: whether the gate lets that through. */
const isLetThrough = (page: Page): Promise<boolean> => page.evaluate<boolean>(`fetch('/again', { redirect: 'manual' }).then(({ ok }) => ok)`);

describe.each(shippedFronts)("the whole story, on the guide's installation", (guideFront) => {
  describeWith(['redis', guideFront.part, 'chromium'], `behind ${guideFront.title}`, () => {
    let world: GuideInstallation;
    let visitor: Visitor;
    let other: Visitor;
    let page: Page;
    let app: Authenticator;
    let codes: readonly string[] = [];

    beforeAll(async () => {
      world = await startGuideInstallation(guideFront, { html: true });
      const open = visitorsOf(world.front);
      [visitor, other] = await Promise.all([open(), open()]);
      ({ page } = visitor);
    });

    const signIn = async (on: Page, password: string): Promise<void> => {
      await isInteractive(on);
      await fillIn(on, 'user', password);
      await signInButton(on).click();
    };

    it('a stranger who opens an application is asked who they are', async () => {
      await page.goto(asked);
      expect(new URL(page.url()).origin).toBe(portal);
      expect(await page.getByText('to continue to nextcloud.example.com').isVisible()).toBe(true);
      expect(world.backends.nextcloud.requests).toEqual([]);
      await signIn(page, passwords.user);
      await page.getByRole('heading', { name: 'One more step' }).waitFor();
    });

    it('they set up an authenticator app by a mailed code and the picture on the screen', async () => {
      await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
      await isInteractive(page);
      await giveMailedCode(page, world.mail, 'user@example.com');
      const address = await scan(page);
      expect(address.href).toMatch(/^otpauth:\/\/totp\/.*user/);
      app = authenticator(address.searchParams.get('secret') ?? '');
      await page.getByLabel('The code that the app shows now').fill(await app.code());
      await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
      codes = await page.locator('.codes code').allTextContents();
    });

    it('they land on the very address they asked for, query and all', async () => {
      await page.getByLabel('I have kept them').check();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(asked);
      expect(await seen(page)).toMatchObject({
        url: '/apps/files?dir=%2Fa%20b&view=1',
        headers: { 'remote-user': 'user', 'remote-groups': 'users' },
      });
    });

    it('they open a second application without signing in', async () => {
      await page.goto(jellyfin);
      expect(await seen(page)).toMatchObject({ url: '/web/', headers: { 'remote-user': 'user', 'remote-email': 'user@example.com' } });
    });

    it('they see both of their browsers, and end the other, which is out within a second', async () => {
      await other.page.goto(asked);
      await signIn(other.page, passwords.user);
      await other.page.getByLabel('Code', { exact: true }).fill(await app.code());
      await other.page.waitForURL(asked);
      expect(await isLetThrough(other.page)).toBe(true);

      await page.goto(`${portal}/settings/sessions`);
      const cards = page.locator('.cards li');
      await cards.nth(1).waitFor();
      expect(await cards.count()).toBe(2);
      expect(await cards.first().textContent()).toMatch(/Chrom\w* on Linux This browser/);
      await cards.nth(1).getByRole('button', { name: 'End' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
      await page.getByText('That session has ended.').waitFor();
      await until(async () => !(await isLetThrough(other.page)), { timeoutMs: 1000, what: 'the other browser to be out' });
      await other.page.goto(asked);
      expect(new URL(other.page.url()).origin).toBe(portal);
      expect((await page.goto(jellyfin))?.status()).toBe(200);
    });

    it('who has forgotten the password sets a new one by mail, and every older session is dead', async () => {
      const forgetful = other.page;
      await forgetful.getByRole('link', { name: 'Forgot your password?' }).click();
      await forgetful.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
      await isInteractive(forgetful);
      await forgetful.getByLabel('User name').fill('user');
      await forgetful.getByRole('button', { name: 'Send the link' }).click();
      // The guide's configuration names no portal: its mails carry no link, but what to enter.
      const token = await until(() => /^[\w-]+\.[\w-]+\.[\w-]+$/m.exec(world.mail())?.[0], { timeoutMs: 10_000, what: 'the token' });
      await forgetful.getByRole('link', { name: 'Enter it here' }).click();
      await forgetful.getByLabel('Token from the mail').fill(token);
      await forgetful.getByRole('button', { name: 'Continue' }).click();
      await forgetful.getByLabel('New password').fill(NEW_PASSWORD);
      await forgetful.getByLabel('Once more').fill(NEW_PASSWORD);
      await forgetful.getByRole('button', { name: 'Set the password' }).click();
      await forgetful.getByText('Your password was changed').waitFor();
      await until(async () => !(await isLetThrough(page)), { timeoutMs: 1000, what: 'the session from before to be out' });
    });

    it('with the new password and a recovery code they are back where they were going', async () => {
      await page.goto(asked);
      await signIn(page, passwords.user);
      await page.getByRole('alert').getByText('Check your user name and your password').waitFor();
      await signIn(page, NEW_PASSWORD);
      await page.getByRole('button', { name: 'Lost your device?' }).click();
      await page.getByLabel('Recovery code').fill(codes[0] ?? '');
      await page.keyboard.press('Enter');
      await page.waitForURL(asked);
    });

    it('they sign out: the application asks again, and the way back shows nothing of theirs', async () => {
      await page.goto(`${portal}/settings/sessions`);
      await page.locator('.cards li').first().waitFor();
      await page.getByRole('link', { name: 'Your account' }).click();
      await page.getByText('You are signed in as Regular User, with two factors.').waitFor();
      await page.getByRole('link', { name: 'Sign out', exact: true }).click();
      await page.getByText('You are signed out').waitFor();
      // What stays is that this browser is known to the account.
      expect((await visitor.context.cookies()).map(({ name }) => name)).toEqual(['portcullis_device']);
      for (const address of [asked, jellyfin]) {
        await page.goto(address);
        expect(await heading(page).textContent()).toBe('Sign in');
      }
      const walked: string[] = [];
      for (let steps = 0; steps < 6; steps++) {
        await page.goBack();
        const { origin, pathname } = new URL(page.url());
        if (origin !== portal) break;
        await isInteractive(page);
        walked.push(pathname);
        expect(await page.locator('body').textContent()).not.toMatch(/Regular User|user@example\.com|This browser|two factors/);
      }
      expect(walked).toContain('/settings/sessions');
    });

    it('no page of it did what its own policy forbids', () => {
      expect([visitor, other].flatMap(({ complaints }) => complaints)).toEqual([]);
    });
  });
});
