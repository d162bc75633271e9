import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, tempDir } from '../../support/index.js';
import { enrol } from '../enrol.js';
import { caddyFront, nginxFront } from '../fronts.js';
import { config, people, portal, signIn } from '../installation.js';
import { fillSignIn, heading, inspect, isInteractive, type PortalWorld, signInButton, startPortalWorld } from './portal-world.js';

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
    await fillSignIn(page, 'john');
    await signInButton(page).click();
    await page.waitForURL(app);

    await page.goto(`${portal}/authelia/`);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await isInteractive(page);
    await page.getByRole('link', { name: 'Sign out' }).click();
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
    await fillSignIn(page, 'john');
    await signInButton(page).click();
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

describeWith(['redis', 'caddy', 'chromium'], 'somebody with a keyboard alone', () => {
  it('signs in with two factors, changes the language, and signs out', async () => {
    const world = await startPortalWorld(caddyFront);
    const authenticator = await enrol(await signIn(world.person(), 'john'), portal, 'john@example.com', world.mail);
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
});

describeWith(['redis', 'caddy', 'chromium'], 'somebody without JavaScript', () => {
  it('gives a second factor and signs out by plain forms', async () => {
    const world = await startPortalWorld(caddyFront);
    const authenticator = await enrol(await signIn(world.person(), 'john'), portal, 'john@example.com', world.mail);
    const { page, complaints } = await world.visitor(false);
    await page.goto('https://bank.example.com/');
    await fillSignIn(page, 'john');
    await signInButton(page).click();
    expect(await heading(page).textContent()).toBe('Second factor');
    await page.getByLabel('Code').fill(await authenticator.code());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL('https://bank.example.com/');
    await page.goto(`${portal}/`);
    expect(await page.getByRole('link', { name: 'bank.example.com' }).isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await heading(page).textContent()).toBe('Signed out');
    expect(complaints).toEqual([]);
  });
});
