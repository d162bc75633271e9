import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith, until } from '../../support/index.js';
import { authenticator, type Authenticator } from '../authenticator.js';
import { mailedCode } from '../enrol.js';
import { caddyFront } from '../fronts.js';
import { config, people, portal } from '../installation.js';
import {
  giveMailedCode,
  heading,
  inspect,
  isInteractive,
  type Page,
  type PortalWorld,
  signInAt,
  signInButton,
  startPortalWorld,
  submitSignIn,
  type Visitor,
} from './portal-world.js';
import { scan } from './qr-code.js';

/** More mailed codes than anybody asks for in a minute. */
const server = { ...config.server, endpoints: { rate_limits: { session_elevation_start: { enable: false } } } };
const bank = 'https://bank.example.com/accounts?x=1&y=2';

describeWith(['redis', 'caddy', 'chromium'], 'one’s own account', () => {
  let world: PortalWorld;
  const visitors: Visitor[] = [];
  let app: Authenticator;
  let codes: readonly string[] = [];
  beforeAll(async () => {
    world = await startPortalWorld(caddyFront, { config: { ...config, server } });
  });
  afterEach(() => {
    expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  const visit = async (): Promise<Page> => {
    const visitor = await world.visitor();
    visitors.push(visitor);
    return visitor.page;
  };
  const signIn = async (page: Page, name: keyof typeof people, password?: string): Promise<void> => {
    await isInteractive(page);
    await submitSignIn(page, name, password);
  };
  /** Signed in with the password alone, at a page of the settings. */
  const open = async (path: string, name: keyof typeof people = 'john', password?: string): Promise<Page> => {
    const page = await visit();
    await page.goto(`${portal}${path}`);
    await signIn(page, name, password);
    await page.getByRole('navigation', { name: 'Settings' }).waitFor();
    return page;
  };
  const giveCode = (page: Page, address: string): Promise<void> => giveMailedCode(page, world.mail, address, (code) => code.toLowerCase());

  it('gets an authenticator app from the picture, recovery codes, and lands on the address that was asked for', async () => {
    const page = await visit();
    await page.goto(signInAt(bank));
    await signIn(page, 'john');
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    await isInteractive(page);
    expect(await page.getByText('asked for that the administrator has').isVisible()).toBe(true);
    await inspect(page, 'enrol-why');
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.getByLabel('Code', { exact: true }).fill('no code');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('wrong, used or has expired').waitFor();
    await inspect(page, 'enrol-mailed-code');
    const code = await mailedCode(world.mail, 'john@example.com', () => page.getByRole('button', { name: 'Send another code' }).click());
    await page.getByLabel('Code', { exact: true }).fill(code.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();

    const address = await scan(page);
    expect(address.href).toMatch(/^otpauth:\/\/totp\/.*john/);
    const secret = address.searchParams.get('secret') ?? '';
    expect(await page.locator('.secret code').textContent()).toBe(secret);
    expect(await page.getByRole('link', { name: 'Open it in the app' }).getAttribute('href')).toBe(address.href);
    await inspect(page, 'enrol-scan');
    app = authenticator(secret);
    await page.getByLabel('The code that the app shows now').fill('000000');
    await page.getByRole('alert').getByText('That code is wrong').waitFor();
    await page.getByLabel('The code that the app shows now').fill(await app.code());

    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    codes = await page.locator('.codes code').allTextContents();
    expect(new Set(codes).size).toBe(10);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('tick the box').waitFor();
    await inspect(page, 'enrol-recovery-codes');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as a file' }).click()]);
    const saved = readFileSync(await file.path(), 'utf8');
    for (const each of codes) expect(saved).toContain(each);
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(bank);
  });

  it('is opened by a recovery code where the device is lost, once', async () => {
    const [first = ''] = codes;
    for (const opens of [true, false]) {
      const page = await visit();
      await page.goto(signInAt(bank));
      await signIn(page, 'john');
      await page.getByRole('button', { name: 'Lost your device?' }).click();
      await page.getByLabel('Recovery code').fill(first.toUpperCase());
      await page.getByRole('button', { name: 'Continue' }).click();
      if (opens) await page.waitForURL(bank);
      else await page.getByRole('alert').getByText('used already').waitFor();
    }
  });

  it('names its sessions, and ends another one at its next request', async () => {
    const other = await open('/settings/sessions');
    const page = await open('/settings/sessions');
    const cards = page.locator('.cards li');
    await cards.first().waitFor();
    const before = await cards.count();
    expect(await cards.first().textContent()).toContain('This browser');
    expect(await cards.first().textContent()).toMatch(/Chrom\w* on Linux/);
    expect(await cards.first().getByRole('button').count()).toBe(0);
    await inspect(page, 'sessions');
    // Newest first, behind one's own.
    await cards.nth(1).getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByText('goes on until it closes').waitFor();
    await inspect(page, 'sessions-end');
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('That session has ended.').waitFor();
    expect(await cards.count()).toBe(before - 1);
    await other.getByRole('link', { name: 'History' }).click();
    await other.getByText('Your session has expired').waitFor();
    await other.getByLabel('Password', { exact: true }).fill(people.john.password);
    await signInButton(other).click();
    await other.getByText('Right password').first().waitFor();
  });

  it('ends all other sessions, and keeps this one', async () => {
    const other = await open('/settings/sessions');
    const page = await open('/settings/sessions');
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
    await page.getByText('You are signed in nowhere else.').waitFor();
    expect(await page.locator('.cards li').count()).toBe(1);
    await other.goto('https://app.example.com/');
    expect(new URL(other.url()).origin).toBe(portal);
  });

  it('tells what was tried', async () => {
    const stranger = await visit();
    await stranger.goto(signInAt());
    await signIn(stranger, 'john', 'not the password');
    await stranger.getByRole('alert').waitFor();
    const page = await open('/settings/history');
    const attempts = page.locator('.attempts li');
    expect(await attempts.nth(0).textContent()).toContain('Right password');
    expect(await attempts.nth(1).textContent()).toContain('Wrong password');
    expect(await attempts.allTextContents()).toContainEqual(expect.stringContaining('Recovery code used'));
    await inspect(page, 'history');
  });

  it('makes new recovery codes for who gives the second factor', async () => {
    const page = await open('/settings/two-factor-authentication');
    await page.getByText('9 codes are left.').waitFor();
    expect(await page.locator(':focus').textContent()).toBe('Authenticator app');
    await inspect(page, 'security');
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await page
      .getByRole('dialog', { name: 'Is it you?' })
      .getByLabel('Code')
      .fill(await app.code());
    await giveCode(page, 'john@example.com');
    await until(async () => (await page.locator('.codes code').count()) === 10, { what: 'ten codes' });
    expect(await page.locator('.codes code').allTextContents()).not.toContain(codes[1]);
    codes = await page.locator('.codes code').allTextContents();
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('10 codes are left.').waitFor();
  });

  it('loses the app to who holds a recovery code and asks twice', async () => {
    const page = await open('/settings/security');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Is it you?' });
    await dialog.getByRole('button', { name: 'Lost your device?' }).click();
    await dialog.getByLabel('Recovery code').fill(codes[0] ?? '');
    await inspect(page, 'security-proof');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await giveCode(page, 'john@example.com');
    await page.getByText('The authenticator app was removed.').waitFor();
    expect(await page.getByRole('link', { name: 'Set up an authenticator app' }).isVisible()).toBe(true);
  });

  it('has its password changed, and is out elsewhere', async () => {
    const elsewhere = await open('/settings/sessions', 'mary');
    const page = await open('/settings', 'mary');
    const fill = async (old: string): Promise<void> => {
      await page.getByLabel('Current password').fill(old);
      await page.getByLabel('New password').fill('Quiet-Harbour-92-Lantern');
      await page.getByLabel('Once more').fill('Quiet-Harbour-92-Lantern');
      await page.getByRole('button', { name: 'Change the password' }).click();
    };
    await fill('not the password');
    await giveCode(page, 'mary@example.com');
    await page.getByRole('alert').getByText('The current password is wrong.').waitFor();
    await fill(people.mary.password);
    await page.getByText('your other sessions have ended').waitFor();
    await inspect(page, 'password-changed');
    await elsewhere.goto('https://app.example.com/');
    expect(new URL(elsewhere.url()).origin).toBe(portal);
    await open('/settings', 'mary', 'Quiet-Harbour-92-Lantern');
  });

  it('is kept below a path, and from right to left', async () => {
    const page = await open('/authelia/settings');
    await page.locator('.foot select').selectOption('ar');
    await page.getByRole('heading', { name: 'كلمة المرور', exact: true }).waitFor();
    await inspect(page, 'security-arabic');
    await page.getByRole('link', { name: 'الجلسات' }).click();
    await page.locator('.cards li').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/authelia/settings/sessions');
    await page.goto(`${portal}/authelia/enrol`);
    await isInteractive(page);
    expect(await page.getByRole('button', { name: 'إرسال الرمز' }).isVisible()).toBe(true);
  });

  it('without JavaScript is told what works without it', async () => {
    const visitor = await world.visitor(false);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto(`${portal}/settings`);
    expect(await heading(page).textContent()).toBe('Settings');
    expect(await page.locator('main').innerText()).toContain('The settings need JavaScript');
  });
});
