import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith, until } from '../../support/index.js';
import { nginxFront } from '../fronts.js';
import { people, portal, tryPassword } from '../installation.js';
import { inspect, isInteractive, type Page, type PortalWorld, signInAt, startPortalWorld, submitSignIn, type Visitor } from './portal-world.js';

const app = 'https://app.example.com/';
const config = {
  session: { cookies: [{ domain: 'example.com', authelia_url: portal }] },
  access_control: { default_policy: 'deny', rules: [{ domain: '*.example.com', policy: 'one_factor' }] },
  password_policy: { standard: { enabled: true, min_length: 10, max_length: 64, require_uppercase: true, require_number: true } },
};

describeWith(['redis', 'nginx', 'chromium'], 'a forgotten password', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  beforeAll(async () => {
    world = await startPortalWorld(nginxFront, { config });
  });
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });

  const open = async (address: string): Promise<Page> => {
    visitor = await world.visitor();
    await visitor.page.goto(address);
    await isInteractive(visitor.page);
    return visitor.page;
  };
  const linkIn = (path: string) =>
    until(() => new RegExp(`^https://auth\\.example\\.com/\\S*${path}\\S*$`, 'm').exec(world.mail())?.[0], {
      timeoutMs: 10_000,
      what: `a link to ${path}`,
    });
  /** Asks for the mail, and returns its link to `path`. */
  const mailedLink = async (path: string): Promise<string> => {
    const before = world.mail();
    const page = await open(`${portal}/reset-password/step1`);
    await page.getByLabel('User name').fill('john');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('heading', { name: 'Ask the administrator' }).waitFor();
    await until(() => world.mail() !== before, { timeoutMs: 10_000, what: 'a mail' });
    return linkIn(path);
  };

  it('is asked for from the sign-in page', async () => {
    const page = await open(signInAt());
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    await isInteractive(page);
    await inspect(page, 'forgot-password');
    await page.getByLabel('User name').fill('nobody at all');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Ask the administrator' }).waitFor();
    await inspect(page, 'forgot-password-sent');
  });

  it('is replaced by the link: the rules tick off, the strength shows, and the other sessions have ended', async () => {
    const elsewhere = await world.visitor();
    await elsewhere.page.goto(app);
    await isInteractive(elsewhere.page);
    await submitSignIn(elsewhere.page, 'john');
    await elsewhere.page.waitForURL(app);

    const page = await open(await mailedLink('reset-password/step2'));
    await inspect(page, 'reset-link');
    await page.getByRole('button', { name: 'Continue' }).click();
    const password = page.getByLabel('New password');
    await password.waitFor();
    expect(await page.locator(':focus').getAttribute('autocomplete')).toBe('new-password');
    const rules = (): Promise<readonly string[]> => page.locator('.rules .met').allTextContents();
    expect(await rules()).toEqual([]);
    await password.pressSequentially('rhubarb9');
    expect((await rules()).map((rule) => rule.replace(/ \(.*/, ''))).toEqual(['at most 64 characters', 'a digit']);
    await page.getByText('Strength: ').waitFor();
    await inspect(page, 'reset-password');
    await password.fill('Rhubarb-tart-9');
    expect(await rules()).toHaveLength(4);
    await page.getByText('Strength: very strong').waitFor();
    await page.getByLabel('Once more').fill('Rhubarb-tart-8');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('alert').getByText('The two passwords differ').waitFor();
    await page.getByLabel('Once more').fill('Rhubarb-tart-9');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('every session of your account has ended').waitFor();
    await inspect(page, 'password-changed');

    await elsewhere.page.goto(app);
    expect(new URL(elsewhere.page.url()).origin).toBe(portal);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await isInteractive(page);
    await submitSignIn(page, 'john', 'Rhubarb-tart-9');
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  });

  it('has a link that works once', async () => {
    const link = await mailedLink('reset-password/step2');
    const first = await open(link);
    await first.getByRole('button', { name: 'Continue' }).click();
    await first.getByLabel('New password').waitFor();
    const page = await open(link);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('This link was used already').waitFor();
    await inspect(page, 'reset-link-used');
    await page.getByRole('link', { name: 'Ask for another mail' }).click();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
  });

  it('that somebody else asked for is cancelled by its other link', async () => {
    const link = await mailedLink('reset-password/step2');
    const page = await open(await linkIn('revoke/reset-password'));
    await inspect(page, 'revoke');
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('It is cancelled.').waitFor();
    const dead = await open(link);
    await dead.getByRole('button', { name: 'Continue' }).click();
    await dead.getByRole('alert').getByText('This link was revoked').waitFor();
  });
});

describeWith(['redis', 'nginx', 'chromium'], 'a sign-in from a new device', () => {
  let world: PortalWorld;
  beforeAll(async () => {
    world = await startPortalWorld(nginxFront, { config });
  });

  it('that was somebody else is ended by the link in the mail, with a way to a new password', async () => {
    expect((await tryPassword(world.person(), 'mary', people.mary.password)).status).toBe(200);
    const before = world.mail();
    const thief = world.person();
    const answer = await thief.send(`${portal}/api/firstfactor`, {
      method: 'POST',
      body: { username: 'mary', password: people.mary.password },
      headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    });
    expect(answer.status).toBe(200);
    await until(() => world.mail() !== before, { timeoutMs: 10_000, what: 'the mail about a new device' });
    const link = /^https:\/\/auth\.example\.com\/\S*revoke\/session\S*$/m.exec(world.mail())?.[0];
    const { page, complaints } = await world.visitor();
    await page.goto(link ?? '');
    await isInteractive(page);
    await inspect(page, 'disown');
    expect((await thief.open(app)).status).toBe(200);
    await page.getByRole('button', { name: 'End that session' }).click();
    await page.getByText('Set a new one now').waitFor();
    await inspect(page, 'disowned');
    await until(async () => (await thief.open(app)).status !== 200, { timeoutMs: 2000, what: 'the session to be gone' });
    await page.getByRole('link', { name: 'Set a new password' }).click();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
