import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../support/index.js';
import type { Authenticator } from '../authenticator.js';
import { enrol } from '../enrol.js';
import { nginxFront } from '../fronts.js';
import { people, portal, signIn } from '../installation.js';
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

const bank = 'https://bank.example.com/accounts?x=1&y=2';

describeWith(['redis', 'nginx', 'chromium'], 'the second factor', () => {
  let world: PortalWorld;
  let visitor: Visitor;
  let app: Authenticator;
  beforeAll(async () => {
    world = await startPortalWorld(nginxFront);
    app = await enrol(await signIn(world.person(), 'john'), portal, 'john@example.com', world.mail);
  });
  afterEach(() => {
    expect(visitor.complaints).toEqual([]);
  });

  const open = async (name: keyof typeof people = 'john', rd: string | undefined = bank): Promise<Page> => {
    visitor = await world.visitor();
    const { page } = visitor;
    await page.goto(signInAt(rd));
    await isInteractive(page);
    await submitSignIn(page, name);
    return page;
  };
  const codeField = (page: Page) => page.getByLabel('Code', { exact: true });
  const alert = (page: Page) => page.getByRole('alert');

  it('is asked for without leaving the page, and says where one goes on to', async () => {
    const page = await open();
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    expect(await page.getByText('to continue to bank.example.com').isVisible()).toBe(true);
    expect(await page.locator(':focus').getAttribute('autocomplete')).toBe('one-time-code');
    await inspect(page, 'second-factor');
    await page.reload();
    await isInteractive(page);
    expect(await heading(page).textContent()).toBe('Second factor');
  });

  it('says that a code is wrong, and submits the next by itself when the last digit is there', async () => {
    const page = await open();
    await codeField(page).pressSequentially('000000');
    await alert(page).getByText('That code is wrong').waitFor();
    expect(await codeField(page).inputValue()).toBe('');
    await inspect(page, 'second-factor-wrong');
    await page.keyboard.type(await app.code());
    await page.waitForURL(bank);
  });

  it('says that a code was used already', async () => {
    const code = await app.code();
    const first = await open();
    await codeField(first).fill(code);
    await first.waitForURL(bank);
    const page = await open();
    await codeField(page).fill(code);
    await alert(page).getByText('was used already').waitFor();
  });

  it('takes a paste, with the space that the app shows', async () => {
    const page = await open();
    const code = await app.code();
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(`navigator.clipboard.writeText('${code.slice(0, 3)} ${code.slice(3)}')`);
    await codeField(page).press('ControlOrMeta+v');
    await page.waitForURL(bank);
  });

  it('keeps what was typed while the session ends, and takes it up after signing in again', async () => {
    const page = await open();
    await codeField(page).pressSequentially('123');
    await visitor.context.clearCookies();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Your session has expired').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe('john');
    await inspect(page, 'session-expired');
    await page.getByLabel('Password', { exact: true }).fill(people.john.password);
    await signInButton(page).click();
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    expect(await codeField(page).inputValue()).toBe('123');
  });

  it('sends who has none to set one up', async () => {
    const page = await open('mary');
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    expect(await page.getByText('Hello Märy Poppins').isVisible()).toBe(true);
    await inspect(page, 'one-more-step');
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
    expect(await heading(page).textContent()).toBe('Authenticator app');
    expect(new URL(page.url()).searchParams.get('rd')).toBe(bank);
  });

  it('that is lost is made up for by a recovery code', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Lost your device?' }).click();
    expect(await heading(page).textContent()).toBe('Recovery code');
    await inspect(page, 'recovery-code');
    await page.getByLabel('Recovery code').fill('aaaa-aaaa-aaaa');
    await page.getByRole('button', { name: 'Continue' }).click();
    await alert(page).getByText('This recovery code is wrong').waitFor();
    await page.getByRole('button', { name: 'Use the authenticator app' }).click();
    expect(await heading(page).textContent()).toBe('Second factor');

    const { stdout } = await world.portcullis.cli('storage', 'user', 'recovery-codes', 'generate', 'john', '--force');
    const code = /\b\w{4}-\w{4}-\w{4}\b/.exec(stdout)?.[0] ?? '';
    await page.getByRole('button', { name: 'Lost your device?' }).click();
    await page.getByLabel('Recovery code').fill(code);
    await page.keyboard.press('Enter');
    await page.waitForURL(bank);
    const again = await open();
    await again.getByRole('button', { name: 'Lost your device?' }).click();
    await again.getByLabel('Recovery code').fill(code);
    await again.keyboard.press('Enter');
    await alert(again).getByText('was used already').waitFor();
  });

  it('with too many wrong codes says until when', async () => {
    const page = await open();
    for (let tries = 0; tries < 12 && !(await alert(page).getByText('Too many wrong codes').isVisible()); tries += 1) {
      await codeField(page).fill('000000');
      await page.waitForResponse('**/api/secondfactor/totp');
      await alert(page).waitFor();
    }
    expect(await alert(page).textContent()).toMatch(/Too many wrong codes\. You can try again at \d/);
    await inspect(page, 'second-factor-banned');
  });
});
