import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith, until } from '../../support/index.js';
import { authenticator, type Authenticator } from '../authenticator.js';
import { mailedCode } from '../enrol.js';
import { nginxFront } from '../fronts.js';
import { config, people, portal, signIn } from '../installation.js';
import {
  giveMailedCode,
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
import { scan } from './qr-code.js';

/** Every choice is open, and more mailed codes than anybody asks for in a minute. */
const open = {
  totp: { allowed_algorithms: ['SHA1', 'SHA512'], allowed_digits: [6, 8], allowed_periods: [30, 60] },
  server: { ...config.server, endpoints: { rate_limits: { session_elevation_start: { enable: false } } } },
};
const bank = 'https://bank.example.com/accounts?x=1&y=2';

/** What has the focus, by its text or name. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(`(document.activeElement.textContent || document.activeElement.name || document.activeElement.tagName).trim()`);
const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
/** Goes on from one thing to the next until it is there. */
async function tabTo(page: Page, what: string): Promise<void> {
  const passed: string[] = [];
  while (passed.at(-1) !== what) {
    if (passed.length > 30) throw new Error(`the Tab key never comes to ${what}, but to ${passed.join(', ')}`);
    await page.keyboard.press('Tab');
    passed.push(await focused(page));
  }
}
const isVisible = (page: Page, selector: string): Promise<boolean> => page.locator(selector).first().isVisible();

describeWith(['redis', 'nginx', 'chromium'], 'other hands and eyes', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  let app: Authenticator;
  beforeAll(async () => {
    world = await startPortalWorld(nginxFront, { config: { ...config, ...open } });
  });
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });
  const visit = async (address: string): Promise<Page> => {
    visitor = await world.visitor();
    await visitor.page.goto(address);
    await isInteractive(visitor.page);
    return visitor.page;
  };
  const opened = async (path: string, name: keyof typeof people): Promise<Page> => {
    const page = await visit(`${portal}${path}`);
    await submitSignIn(page, name);
    return page;
  };
  const giveCode = (page: Page, address: string): Promise<void> => giveMailedCode(page, world.mail, address);

  it('by the keyboard alone somebody signs in, sets up an authenticator app, and goes on', async () => {
    const page = await visit(signInAt(bank));
    await page.keyboard.type('john');
    await press(page, 'Tab');
    await page.keyboard.type(people.john.password);
    await press(page, 'Enter');
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    expect(await focused(page)).toBe('One more step');
    await tabTo(page, 'Set up an authenticator app');
    await press(page, 'Enter');
    await page.getByRole('heading', { name: 'Authenticator app' }).waitFor();
    await isInteractive(page);
    await tabTo(page, 'Send the code');
    const mailed = await mailedCode(world.mail, 'john@example.com', () => press(page, 'Enter'));
    await until(async () => (await focused(page)) === 'code', { what: 'the field for the mailed code to have the focus' });
    await page.keyboard.type(mailed);
    await press(page, 'Enter');
    const address = await scan(page);
    expect(await focused(page)).toBe('Authenticator app');
    app = authenticator(address.searchParams.get('secret') ?? '');
    await tabTo(page, 'Copy: Secret');
    await tabTo(page, 'code');
    await page.keyboard.type(await app.code());
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    expect(await focused(page)).toBe('Recovery codes');
    await tabTo(page, 'Save as a file');
    await tabTo(page, 'kept');
    await press(page, 'Space');
    await tabTo(page, 'Continue');
    await press(page, 'Enter');
    await page.waitForURL(bank);
  });

  it('by the keyboard alone a session is ended: the focus comes back from the question, and goes to what was done', async () => {
    await signIn(world.person(), 'mary');
    const page = await opened('/settings/sessions', 'mary');
    const end = page.locator('.cards li').nth(1).getByRole('button');
    await end.waitFor();
    expect(await focused(page)).toBe('Sessions');
    const button = await end.textContent();
    await tabTo(page, button ?? '');
    await press(page, 'Enter');
    await page.getByRole('dialog').waitFor();
    for (let turn = 0; turn < 4; turn++) {
      await press(page, 'Tab');
      expect(await page.evaluate<boolean>(`document.activeElement === document.body || document.activeElement.closest('dialog') !== null`)).toBe(
        true,
      );
    }
    await press(page, 'Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(button);
    await press(page, 'Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused(page)).toBe('End');
    await press(page, 'Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('That session has ended.').waitFor();
    expect(await focused(page)).toBe('That session has ended.');
    expect(await page.locator('.cards li').count()).toBe(1);
  });

  it('who does not want motion sees none, though something is under way', async () => {
    const page = await visit(signInAt());
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/api/firstfactor', async (route) => {
      await held;
      await route.continue();
    });
    await submitSignIn(page, 'mary');
    await page.locator('button[aria-busy=true]').waitFor();
    const motion = (): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('[aria-busy=true]'), '::after').animationName`);
    expect(await motion()).toBe('turn');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await motion()).toBe('none');
    letGo();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  });

  it('an app is replaced by who gives its code: by other digits, an algorithm and a period of their choice', async () => {
    const page = await opened('/settings', 'john');
    await page.getByRole('link', { name: 'Replace' }).click();
    await page.getByLabel('Code', { exact: true }).fill(await app.code());
    await giveCode(page, 'john@example.com');
    const first = await scan(page);
    await page.getByText('Options', { exact: true }).click();
    await page.getByLabel('Digits').selectOption('8');
    await page.getByLabel('Algorithm').selectOption('SHA512');
    await page.getByLabel('Seconds a code is shown').selectOption('60');
    const chosen = await until(async () => {
      const address = await scan(page);
      return address.searchParams.get('period') === '60' && address;
    });
    expect(Object.fromEntries(chosen.searchParams)).toMatchObject({ digits: '8', algorithm: 'SHA512', period: '60' });
    expect(chosen.searchParams.get('secret')).not.toBe(first.searchParams.get('secret'));
    await inspect(page, 'enrol-options');
    // Boxes for as many digits as there will be.
    await page.getByLabel('The code that the app shows now').pressSequentially('1234567');
    expect(await page.locator('.digits span').count()).toBe(8);
    await page.getByLabel('Digits').selectOption('6');
    await page.getByLabel('Algorithm').selectOption('SHA1');
    await page.getByLabel('Seconds a code is shown').selectOption('30');
    const last = await until(async () => {
      const address = await scan(page);
      return address.searchParams.get('period') === '30' && address.searchParams.get('algorithm') === 'SHA1' && address;
    });
    const replaced = app;
    app = authenticator(last.searchParams.get('secret') ?? '');
    await page.getByLabel('The code that the app shows now').fill(await app.code());
    await page.getByText('Your authenticator app is set up.').waitFor();

    const again = await visit(signInAt(bank));
    await submitSignIn(again, 'john');
    await again.getByLabel('Code', { exact: true }).fill(await replaced.code());
    await again.getByRole('alert').getByText('That code is wrong').waitFor();
    await again.getByLabel('Code', { exact: true }).fill(await app.code());
    await again.waitForURL(bank);
  });

  it('the secret and the codes can be copied, which is said, and the codes alone are printed', async () => {
    const page = await opened('/', 'victim');
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = (): Promise<string> => page.evaluate<string>(`navigator.clipboard.readText()`);
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    await isInteractive(page);
    await giveCode(page, 'victim@example.com');
    const secret = (await scan(page)).searchParams.get('secret') ?? '';
    await page.locator('.secret').getByRole('button').click();
    await page.getByRole('status').getByText('Copied.').waitFor();
    expect(await copied()).toBe(secret);
    await page.getByLabel('The code that the app shows now').fill(await authenticator(secret).code());
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    const codes = await page.locator('.codes code').allTextContents();
    await page.locator('.row').getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor();
    expect((await copied()).split('\n')).toEqual(expect.arrayContaining(codes));

    await page.emulateMedia({ media: 'print' });
    expect(await isVisible(page, '.codes')).toBe(true);
    expect(await heading(page).isVisible()).toBe(true);
    for (const other of ['.foot', 'form', '.row']) expect([other, await isVisible(page, other)]).toEqual([other, false]);
    // Whose they are, and of which gate.
    expect(await page.locator('body').innerText()).toContain('victim');
  });
});
