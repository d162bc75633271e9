import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../support/index.js';
import type { Authenticator } from '../authenticator.js';
import { enrol } from '../enrol.js';
import { caddyFront } from '../fronts.js';
import { portal, signIn } from '../installation.js';
import {
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

describeWith(['redis', 'caddy', 'chromium'], 'somebody who comes to the portal itself, with a password', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  let app: Authenticator;
  beforeAll(async () => {
    world = await startPortalWorld(caddyFront);
    app = await enrol(await signIn(world.person(), 'john'), portal, 'john@example.com', world.mail);
  });
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });
  const open = async (name: 'john' | 'mary', address = signInAt()): Promise<Page> => {
    visitor = await world.visitor();
    const { page } = visitor;
    await page.goto(address);
    await isInteractive(page);
    await submitSignIn(page, name);
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    return page;
  };
  const confirm = (page: Page) => page.getByRole('link', { name: 'Confirm the second factor' });

  it('sees who they are, and gives the second factor when they want to', async () => {
    const page = await open('john');
    expect(await page.getByText('signed in as John Doe, with your password').isVisible()).toBe(true);
    await inspect(page, 'signed-in-one-factor');
    await confirm(page).click();
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.goBack();
    await confirm(page).click();
    await page.getByLabel('Code', { exact: true }).fill(await app.code());
    await page.getByText('signed in as John Doe, with two factors').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await confirm(page).count()).toBe(0);
    expect((await page.goto('https://bank.example.com/'))?.status()).toBe(200);
    expect(new URL(page.url()).origin).toBe('https://bank.example.com');
  });

  it('is offered an authenticator app where they have none', async () => {
    const page = await open('mary');
    await inspect(page, 'signed-in-without-app');
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    expect(await heading(page).textContent()).toBe('Authenticator app');
  });

  it('is asked for nothing more by an address that is not safe', async () => {
    await open('john', signInAt('https://evil.test/'));
  });

  it('signs in again at the page for the code where their session has ended, and stays there', async () => {
    const page = await open('john');
    await confirm(page).click();
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.waitForLoadState('networkidle');
    await visitor.context.clearCookies();
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByText('Your session has expired').waitFor();
    await page.getByLabel('Password', { exact: true }).fill('Apple-pie-1');
    await signInButton(page).click();
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
  });

  it('finds the same without JavaScript', async () => {
    visitor = await world.visitor(false);
    const { page } = visitor;
    await page.goto(signInAt());
    await submitSignIn(page, 'john');
    expect(await heading(page).textContent()).toBe('Signed in');
    await confirm(page).click();
    await page.getByLabel('Code').fill(await app.code());
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await page.getByText('signed in as John Doe, with two factors').isVisible()).toBe(true);
  });
});
