import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, openBrowser, type OpenBrowser, resultsDir, startBackend, until } from '../support/index.js';
import { authenticator } from './authenticator.js';
import { mailedCode } from './enrol.js';
import { caddyFront, nginxFront } from './fronts.js';
import { type Installation, people, portal, startInstallation } from './installation.js';
import { scan } from './portal/qr-code.js';

type Page = OpenBrowser['page'];

const shots = join(resultsDir, 'screens');
const asked = 'https://bank.example.com/accounts?x=1&y=2';

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What the application was sent, as it shows it. */
const seen = async (page: Page): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }> =>
  JSON.parse((await page.locator('#request').textContent()) ?? '') as { url: string; headers: Record<string, string> };

const title = (page: Page): Promise<string | null> => page.getByRole('heading', { level: 1 }).textContent();

describeWith(['redis', 'nginx', 'caddy', 'chromium'], 'somebody with a browser', () => {
  let world: Installation;
  let browser: OpenBrowser;
  let page: Page;
  const complaints: string[] = [];
  const shoot = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  };

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    world = await startInstallation(nginxFront, { backend: await startBackend({ html: true }) });
    browser = await openBrowser({ hostRules: { '*.example.com': `127.0.0.1:${world.front.port}` }, ignoreHttpsErrors: true });
    ({ page } = browser);
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  });

  it('is sent to sign in, told where to they will go on, and told when the password is wrong', async () => {
    await page.goto(asked);
    expect(new URL(page.url()).origin).toBe(portal);
    expect(await title(page)).toBe('Sign in');
    expect(await page.getByText('to continue to bank.example.com').isVisible()).toBe(true);
    await shoot('1-sign-in');
    await signIn(page, 'john', 'not the password');
    expect(await page.getByRole('alert').textContent()).toContain('Check your user name and your password');
    expect(await page.getByLabel('User name').inputValue()).toBe('john');
    expect(await page.locator(':focus').getAttribute('name')).toBe('password');
    await shoot('2-wrong-password');
  });

  it('sets up an authenticator app by the mailed code and the picture', async () => {
    await signIn(page, 'john', people.john.password);
    await shoot('3-one-more-step');
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    await shoot('4-send-the-code');
    const code = await mailedCode(world.mail, 'john@example.com', () => page.getByRole('button', { name: 'Send the code' }).click());
    await shoot('5-mailed-code');
    await page.getByLabel('Code', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Continue' }).click();
    const address = await scan(page);
    await shoot('6-qr-code');
    expect(address.href).toMatch(/^otpauth:\/\/totp\/.*john/);
    const app = authenticator(address.searchParams.get('secret') ?? '');
    await page.getByLabel('The code that the app shows now').fill(await app.code());
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    await shoot('7-set-up');
  });

  it('keeps the recovery codes, and goes on to the very address they asked for', async () => {
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(asked);
    expect(await seen(page)).toMatchObject({ url: '/accounts?x=1&y=2', headers: { 'remote-user': 'john', 'remote-groups': 'users,dev' } });
    await shoot('9-application');
  });

  it('opens another application without signing in', async () => {
    await page.goto('https://app.example.com/other');
    expect(await seen(page)).toMatchObject({ url: '/other', headers: { host: 'app.example.com', 'remote-user': 'john' } });
  });

  it('is told that an application is not for them', async () => {
    expect((await page.goto('https://admin.example.com/'))?.status()).toBe(403);
    await page.goto(`${portal}/?rd=${encodeURIComponent('https://admin.example.com/')}`);
    expect(await title(page)).toBe('No access');
    await shoot('10-no-access');
  });

  it('signs out by the page, everywhere', async () => {
    await page.goto(`${portal}/`);
    await shoot('11-signed-in');
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await shoot('12-signed-out');
    // What stays is that this browser is known to the account.
    expect((await browser.context.cookies()).map(({ name }) => name)).toEqual(['portcullis_device']);
    for (const url of [asked, 'https://app.example.com/other']) {
      await page.goto(url);
      expect(await title(page)).toBe('Sign in');
    }
  });

  it('sets a new password by the mailed link', async () => {
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('User name').fill('john');
    await shoot('13-forgotten');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await shoot('14-look-at-your-mail');
    const link = await until(() => /^https:\/\/auth\.example\.com\/\S*reset-password\S*token=\S+$/m.exec(world.mail())?.[0], {
      timeoutMs: 10_000,
      what: 'the link',
    });
    await page.goto(link);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('New password').fill('Rhubarb-tart-9');
    await page.getByLabel('Once more').fill('Rhubarb-tart-9');
    await shoot('15-new-password');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Your password was changed').waitFor();
    await shoot('16-password-changed');

    await page.goto('https://app.example.com/again');
    await signIn(page, 'john', people.john.password);
    expect(await page.getByRole('alert').textContent()).toContain('Check your user name and your password');
    await signIn(page, 'john', 'Rhubarb-tart-9');
    await page.waitForURL('https://app.example.com/again');
  });

  it('meets no page that its own policy forbids', () => {
    expect(complaints).toEqual([]);
  });

  it('needs no JavaScript, and no wide screen, behind Caddy as well', async () => {
    const other = await startInstallation(caddyFront, { backend: await startBackend({ html: true }) });
    const plain = await openBrowser({
      hostRules: { '*.example.com': `127.0.0.1:${other.front.port}` },
      ignoreHttpsErrors: true,
      javaScriptEnabled: false,
    });
    page = plain.page;
    await page.setViewportSize({ width: 320, height: 600 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto('https://app.example.com/a?b=c');
    await shoot('17-small-and-dark');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await signIn(page, 'mary', people.mary.password);
    await page.waitForURL('https://app.example.com/a?b=c');
    expect(await seen(page)).toMatchObject({ headers: { 'remote-user': 'mary' } });
  });
});
