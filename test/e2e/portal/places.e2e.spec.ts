import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, tempDir } from '../../support/index.js';
import type { Authenticator } from '../authenticator.js';
import { enrol } from '../enrol.js';
import { caddyFront, nginxFront } from '../fronts.js';
import { config, people, portal, signIn } from '../installation.js';
import {
  giveMailedCode,
  heading,
  inspect,
  isInteractive,
  type Page,
  type PortalWorld,
  signInButton,
  startPortalWorld,
  submitSignIn,
  type Visitor,
} from './portal-world.js';

const app = 'https://app.example.com/other?a=b';

describeWith(['redis', 'nginx', 'chromium'], 'a portal below a path', () => {
  let world: PortalWorld;
  beforeAll(async () => {
    const cookies = [{ domain: 'example.com', authelia_url: `${portal}/authelia` }];
    world = await startPortalWorld(nginxFront, { config: { ...config, session: { cookies } } });
  });

  it('is walked through by its own addresses alone', async () => {
    const { page, complaints } = await world.visitor();
    const asked: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin === portal) asked.push(url.pathname);
    });
    await page.goto(app);
    await isInteractive(page);
    expect(new URL(page.url()).pathname).toBe('/authelia/');
    await submitSignIn(page, 'john');
    await page.waitForURL(app);

    await page.goto(`${portal}/authelia/`);
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    await isInteractive(page);
    await page.getByRole('link', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await isInteractive(page);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    await isInteractive(page);
    await page.getByLabel('User name').fill('john');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Enter it here' }).click();
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor();
    expect(asked.filter((path) => !path.startsWith('/authelia/'))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describeWith(['redis', 'nginx', 'chromium'], 'a portal in the look of its operator', () => {
  it('has their name, colour, logo, links and words, and asks for consent once', async () => {
    const assets = tempDir('assets');
    writeFileSync(
      join(assets, 'logo.png'),
      Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    );
    mkdirSync(join(assets, 'locales/en'), { recursive: true });
    writeFileSync(join(assets, 'locales/en/portal.json'), JSON.stringify({ 'sign_in.forgot': 'Call the help desk, or press here' }));
    const look = {
      theme: 'dark',
      server: { ...config.server, asset_path: assets },
      portal: { name: 'The <b>Bakery</b>', color: '#ffd400', terms_url: 'https://www.example.com/terms' },
      privacy_policy: { enabled: true, require_user_acceptance: true, policy_url: 'https://www.example.com/privacy' },
    };
    const world = await startPortalWorld(nginxFront, { config: { ...config, ...look } });
    const { page, complaints } = await world.visitor();
    await page.goto(app);
    await isInteractive(page);
    expect(await page.title()).toBe('Sign in · The <b>Bakery</b>');
    expect(await page.locator('.brand').textContent()).toBe('The <b>Bakery</b>');
    expect(await page.locator('.logo').evaluate((logo) => (logo as unknown as { readonly naturalWidth: number }).naturalWidth)).toBe(1);
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    expect(await page.getByRole('link', { name: 'Call the help desk' }).isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: 'Terms' }).getAttribute('href')).toBe('https://www.example.com/terms');
    await inspect(page, 'sign-in-operator');
    await submitSignIn(page, 'john');
    expect(new URL(page.url()).origin).toBe(portal);
    await page.getByLabel('I have read the privacy policy').check();
    await signInButton(page).click();
    await page.waitForURL(app);
    await page.goto(`${portal}/logout`);
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await isInteractive(page);
    expect(await page.getByLabel('I have read the privacy policy').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describeWith(['redis', 'caddy', 'chromium'], 'the portal', () => {
  let world: PortalWorld;
  let authenticator: Authenticator;
  beforeAll(async () => {
    world = await startPortalWorld(caddyFront);
    authenticator = await enrol(await signIn(world.person(), 'john'), portal, 'john@example.com', world.mail);
  });

  it('is used by the keyboard alone: signing in with two factors, and out', async () => {
    const { page, complaints } = await world.visitor();
    await page.goto('https://bank.example.com/');
    await isInteractive(page);
    /** What has the focus, by its text or name. */
    const focused = (): Promise<string> =>
      page.evaluate<string>(`(document.activeElement.textContent || document.activeElement.name || document.activeElement.tagName).trim()`);
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    expect(await focused()).toBe('username');
    await page.keyboard.type('john');
    await press('Tab');
    await page.keyboard.type(people.john.password);
    await press('Tab');
    expect(await focused()).toBe('Show password');
    await press('Tab', 'Space', 'Tab');
    expect(await page.getByLabel('Remember me').isChecked()).toBe(true);
    expect(await focused()).toBe('Sign in');
    await press('Enter');
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    expect(await focused()).toBe('code');
    await press('Tab', 'Tab');
    expect(await focused()).toBe('Lost your device?');
    await press('Enter');
    await page.getByRole('heading', { name: 'Recovery code' }).waitFor();
    await press('Tab', 'Tab', 'Enter');
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    expect(await focused()).toBe('code');
    await page.keyboard.type(await authenticator.code());
    await page.waitForURL('https://bank.example.com/');
    await page.goto(`${portal}/logout`);
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    expect(await focused()).toBe('Signed out');
    await press('Tab');
    expect(await focused()).toBe('Sign in again');
    expect(complaints).toEqual([]);
  });

  describe('without JavaScript', () => {
    const bank = 'https://bank.example.com/?x=1';
    const atTheSecondFactor = async (): Promise<Visitor> => {
      const visitor = await world.visitor(false);
      const { page } = visitor;
      await page.goto(bank);
      await submitSignIn(page, 'john');
      expect(await heading(page).textContent()).toBe('Second factor');
      return visitor;
    };

    it('gives a second factor and signs out by plain forms', async () => {
      const { page, complaints } = await atTheSecondFactor();
      await page.getByLabel('Code').fill(await authenticator.code());
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(bank);
      await page.goto(`${portal}/`);
      expect(await page.getByRole('link', { name: 'bank.example.com' }).isVisible()).toBe(true);
      await page.getByRole('link', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      expect(await heading(page).textContent()).toBe('Signed out');
      expect(complaints).toEqual([]);
    });

    it('opens with a recovery code where the device is lost, once', async () => {
      const { stdout } = await world.portcullis.cli('storage', 'user', 'recovery-codes', 'generate', 'john', '--force');
      const code = /\b\w{4}-\w{4}-\w{4}\b/.exec(stdout)?.[0] ?? '';
      for (const opens of [true, false]) {
        const { page, complaints } = await atTheSecondFactor();
        await page.getByRole('link', { name: 'Lost your device?' }).click();
        expect(await heading(page).textContent()).toBe('Recovery code');
        await page.getByLabel('Recovery code').fill('aaaa-aaaa-aaaa');
        await page.getByRole('button', { name: 'Continue' }).click();
        expect(await page.getByRole('alert').textContent()).toContain('This recovery code is wrong');
        await page.getByLabel('Recovery code').fill(code);
        await page.getByRole('button', { name: 'Continue' }).click();
        if (opens) await page.waitForURL(bank);
        else expect(await page.getByRole('alert').textContent()).toContain('was used already');
        expect(complaints).toEqual([]);
      }
    });
  });

  describe('of which a part does not come', () => {
    const signedIn = async (): Promise<Visitor> => {
      const visitor = await world.visitor();
      await visitor.page.goto(`${portal}/settings`);
      await isInteractive(visitor.page);
      await submitSignIn(visitor.page, 'john');
      await visitor.page.getByRole('heading', { name: 'Security' }).waitFor();
      return visitor;
    };
    const unloaded = (page: Page) => page.getByRole('heading', { name: 'This page did not load' });

    it('is calm about it, and comes by a press of the button', async () => {
      const { page } = await signedIn();
      await page.route('**/assets/history-*.js', (route) => route.abort());
      await page.getByRole('link', { name: 'History' }).click();
      await unloaded(page).waitFor();
      expect(await page.locator(':focus').textContent()).toBe('This page did not load');
      await inspect(page, 'unloaded');
      await page.unroute('**/assets/history-*.js');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('Right password').first().waitFor();
    });

    it('says so too where it is opened by its address, and never that JavaScript is missing', async () => {
      const { page } = await signedIn();
      await page.route('**/assets/pages-*.js', (route) => route.abort());
      await page.goto(`${portal}/settings/sessions`);
      await unloaded(page).waitFor();
      expect(await page.getByText('need JavaScript').count()).toBe(0);
      await page.unroute('**/assets/pages-*.js');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.cards li').first().waitFor();
    });

    it('shows the form of the gateway, which works, where there is one', async () => {
      const { page } = await signedIn();
      await page.route('**/assets/pages-*.js', (route) => route.abort());
      await page.goto(`data:text/html,<a href="${portal}/logout">come</a>`);
      await page.getByRole('link').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out').waitFor();
    });
  });

  it('never shows a secret that the next moment replaces', async () => {
    const { page, complaints } = await world.visitor();
    await page.goto(`${portal}/`);
    await isInteractive(page);
    await submitSignIn(page, 'mary');
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    await isInteractive(page);
    await giveMailedCode(page, world.mail, 'mary@example.com');
    await page.getByRole('img', { name: 'QR code' }).waitFor();

    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/assets/*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${portal}/enrol`, { waitUntil: 'commit' });
    await heading(page).waitFor();
    expect(await page.locator('svg.qr').count()).toBe(0);
    expect(await page.locator('main').innerText()).not.toMatch(/[A-Z2-7]{32}/);
    letGo();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
