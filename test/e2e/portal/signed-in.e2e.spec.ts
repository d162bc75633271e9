import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../support/index.js';
import { caddyFront } from '../fronts.js';
import { portal } from '../installation.js';
import {
  heading,
  inspect,
  isInteractive,
  type Page,
  type PortalWorld,
  signInAt,
  startPortalWorld,
  submitSignIn,
  type Visitor,
} from './portal-world.js';

/** Nothing asks for a second factor, so that signing in leads to who one is. */
const config = {
  session: { cookies: [{ domain: 'example.com', authelia_url: portal }] },
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'public.example.com', policy: 'bypass' },
      { domain: 'admin.example.com', subject: 'group:admins', policy: 'one_factor' },
      { domain: ['app.example.com', 'live.example.com'], policy: 'one_factor' },
      { domain: '*.example.com', policy: 'deny' },
    ],
  },
};

describeWith(['redis', 'caddy', 'chromium'], 'somebody who is signed in', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  beforeAll(async () => {
    world = await startPortalWorld(caddyFront, { config });
  });
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });
  const open = async (): Promise<Page> => {
    visitor = await world.visitor();
    const { page } = visitor;
    await page.goto(signInAt());
    await isInteractive(page);
    await submitSignIn(page, 'john');
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    return page;
  };

  it('sees who they are, their groups and the sites they may open', async () => {
    const page = await open();
    expect(await page.getByText('signed in as John Doe, with your password').isVisible()).toBe(true);
    expect(await page.locator('.tags li').allTextContents()).toEqual(['users', 'dev']);
    expect(await page.locator('.sites li').allTextContents()).toEqual([
      'public.example.comopen to everybody',
      'app.example.compassword',
      'live.example.compassword',
    ]);
    await inspect(page, 'signed-in');
    await page.getByRole('link', { name: 'app.example.com' }).click();
    await page.waitForURL('https://app.example.com/');
  });

  it('signs out by one press', async () => {
    const page = await open();
    await page.getByRole('link', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    await inspect(page, 'signed-out');
    expect((await visitor.context.cookies()).filter(({ name }) => name.includes('session'))).toEqual([]);
    await page.getByRole('link', { name: 'Sign in again' }).click();
    expect(await heading(page).textContent()).toBe('Sign in');
  });

  it('signs out everywhere', async () => {
    const elsewhere = await open();
    const other = await open();
    await other.getByRole('button', { name: 'Sign out everywhere' }).click();
    await other.getByText('Every session of your account has ended.').waitFor();
    await elsewhere.goto('https://app.example.com/');
    expect(new URL(elsewhere.url()).origin).toBe(portal);
  });

  it('leaves by the link of an application, and goes on to where it says', async () => {
    const page = await open();
    await page.goto('https://app.example.com/');
    await page.evaluate(`location.href = '${portal}/logout?rd=https://public.example.com/bye'`);
    await page.waitForURL('https://public.example.com/bye');
    await page.goto('https://app.example.com/');
    expect(new URL(page.url()).origin).toBe(portal);
  });

  it('is not led elsewhere, and is asked where a stranger’s link led them (attack 54)', async () => {
    const page = await open();
    await page.goto(`data:text/html,<a href="${portal}/logout?rd=https://evil.test/">come</a>`);
    await page.getByRole('link').click();
    await isInteractive(page);
    expect(await heading(page).textContent()).toBe('Sign out');
    await inspect(page, 'sign-out');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  });

  it('is told that a site is not for them, and finds the way back', async () => {
    const page = await open();
    const answer = await page.goto(signInAt('https://admin.example.com/'));
    expect(answer?.status()).toBe(403);
    expect(await heading(page).textContent()).toBe('No access');
    await inspect(page, 'no-access');
    await page.getByRole('link', { name: 'Your account' }).click();
    expect(await heading(page).textContent()).toBe('Signed in');
  });
});
