import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../support/index.js';
import { caddyFront, nginxFront } from '../fronts.js';
import { people, portal } from '../installation.js';
import {
  fillSignIn,
  heading,
  inspect,
  isInteractive,
  type PortalWorld,
  signInAt,
  startPortalWorld,
  submitSignIn,
  type Visitor,
} from './portal-world.js';

const app = 'https://app.example.com/other?a=b';

describeWith(['redis', 'nginx', 'chromium'], 'the sign-in page', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  beforeAll(async () => {
    world = await startPortalWorld(nginxFront);
  });
  const open = async (address = signInAt(app)): Promise<Visitor['page']> => {
    visitor = await world.visitor();
    await visitor.page.goto(address);
    await isInteractive(visitor.page);
    return visitor.page;
  };
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });

  it('names where one goes on to, and goes there, query and all', async () => {
    const page = await open(app);
    expect(new URL(page.url()).origin).toBe(portal);
    expect(await page.getByText('to continue to app.example.com').isVisible()).toBe(true);
    await inspect(page, 'sign-in');
    await submitSignIn(page, 'john');
    await page.waitForURL(app);
    await page.goBack();
    expect(page.url()).not.toContain(portal);
  });

  it('says when the password is wrong, and keeps what was typed', async () => {
    const page = await open();
    await submitSignIn(page, 'john', 'not it');
    expect(await page.getByRole('alert').textContent()).toContain('Check your user name and your password');
    expect(await page.getByLabel('User name').inputValue()).toBe('john');
    expect(await page.locator(':focus').getAttribute('name')).toBe('password');
    await inspect(page, 'sign-in-refused');
    await page.keyboard.type(people.john.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(app);
  });

  it('shows the password to who asks', async () => {
    const page = await open();
    const password = page.getByLabel('Password', { exact: true });
    await password.fill('seen');
    await page.getByRole('button', { name: 'Show password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide password' }).click();
    expect(await password.getAttribute('type')).toBe('password');
    expect(await password.inputValue()).toBe('seen');
  });

  it('keeps what was typed before its script came, and where the cursor was', async () => {
    visitor = await world.visitor();
    const { page } = visitor;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/assets/portal-*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(signInAt(app), { waitUntil: 'commit' });
    await fillSignIn(page, 'john', 'half a pass');
    await page.getByLabel('Remember me').check();
    await page.getByLabel('Password', { exact: true }).focus();
    letGo();
    await isInteractive(page);
    expect(await page.getByLabel('User name').inputValue()).toBe('john');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('half a pass');
    expect(await page.getByLabel('Remember me').isChecked()).toBe(true);
    await page.keyboard.type('word');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('half a password');
  });

  it('looks the same before and after its script', async () => {
    visitor = await world.visitor();
    const { page } = visitor;
    await page.route('**/assets/portal-*.js', (route) => route.abort());
    await page.goto(signInAt(app));
    const places = async (): Promise<unknown> => {
      const boxes = ['h1', 'main', '[name=username]', '[name=password]', '[name=remember]', '.primary, main form > button', '.foot select'];
      return Promise.all(boxes.map(async (box) => [box, await page.locator(box).boundingBox()]));
    };
    const before = await places();
    await page.unroute('**/assets/portal-*.js');
    await page.reload();
    await isInteractive(page);
    expect(await places()).toEqual(before);
    (visitor.complaints as string[]).length = 0;
  });

  it('speaks the language that is chosen, from then on', async () => {
    const page = await open();
    await page.getByLabel('User name').fill('john');
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    expect(await page.getByLabel('Benutzername').inputValue()).toBe('john');
    expect(await page.title()).toBe('Anmelden · Portcullis');
    await page.reload();
    await isInteractive(page);
    expect(await heading(page).textContent()).toBe('Anmelden');
    await page.getByLabel('Sprache').selectOption('ar');
    await page.getByRole('heading', { name: 'تسجيل الدخول' }).waitFor();
    expect(await page.evaluate('document.documentElement.dir')).toBe('rtl');
    await inspect(page, 'sign-in-ar');
  });

  it('waits for a service that is away, with what was typed, and goes on by itself', async () => {
    const page = await open();
    await world.portcullis.kill('identity');
    await submitSignIn(page, 'john');
    await page.getByText('Trying again by itself').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe('john');
    await inspect(page, 'sign-in-unavailable');
    await world.portcullis.start('identity');
    await page.waitForURL(app);
  });
});

describeWith(['redis', 'caddy', 'chromium'], 'the sign-in page without JavaScript', () => {
  let world: PortalWorld;
  beforeAll(async () => {
    world = await startPortalWorld(caddyFront);
  });

  it('signs in, in the look of the rest', async () => {
    const { page, complaints } = await world.visitor(false);
    await page.goto(app);
    expect(await heading(page).textContent()).toBe('Sign in');
    await submitSignIn(page, 'mary', 'wrong');
    expect(await page.getByRole('alert').textContent()).toContain('Check your user name and your password');
    await submitSignIn(page, 'mary');
    await page.waitForURL(app);
    expect(complaints).toEqual([]);
  });

  it('changes its language by the menu', async () => {
    const { page } = await world.visitor(false);
    await page.goto(signInAt(app));
    await page.getByLabel('Language').selectOption('es');
    await page.getByRole('button', { name: 'Change language' }).click();
    expect(await heading(page).textContent()).toBe('Iniciar sesión');
    expect(await page.getByText('app.example.com').isVisible()).toBe(true);
  });
});
