import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openBrowser, type OpenBrowser, resultsDir, startBackend } from '../../support/index.js';
import { mailedCode } from '../enrol.js';
import type { Front } from '../fronts.js';
import { type Installation, type InstallationOptions, people, portal, type StartFront, startInstallation } from '../installation.js';

export type Page = OpenBrowser['page'];
type Context = OpenBrowser['context'];

/** An installation with a proxy in front of it, and browsers that come to it. */
export interface PortalWorld extends Installation {
  /** A browser of somebody new. */
  readonly visitor: (javaScriptEnabled?: boolean) => Promise<Visitor>;
}

export interface Visitor {
  readonly page: Page;
  readonly context: Context;
  /** What the browser complained of: violations of our policy, errors on the console, requests that left for elsewhere. */
  readonly complaints: readonly string[];
}

export async function startPortalWorld(startFront: StartFront, options: InstallationOptions = {}): Promise<PortalWorld> {
  const world = await startInstallation(startFront, { backend: await startBackend({ html: true }), ...options });
  return { ...world, visitor: visitorsOf(world.front) };
}

/** Browsers of people who come to what is behind a proxy. */
export const visitorsOf =
  ({ port }: Front) =>
  async (javaScriptEnabled = true): Promise<Visitor> => {
    const { page, context } = await openBrowser({ hostRules: { '*.example.com': `127.0.0.1:${port}` }, ignoreHttpsErrors: true, javaScriptEnabled });
    return { page, context, complaints: complaintsOf(page) };
  };

/** An answer that says no is an error to the browser's console, and expected; nothing that a page names is missing, but maybe a device. */
const EXPECTED = /^Failed to load resource: the server responded with a status of (?:40[0139]|429|50[234])/;
const isExpected = (text: string, url: string): boolean => EXPECTED.test(text) || (text.includes('404') && url.endsWith('/api/secondfactor/totp'));

function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !isExpected(text, message.location().url)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && !hostname.endsWith('example.com')) complaints.push(`asked ${request.url()}`);
  });
  return complaints;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[] }[];
}

/** What axe finds on the page as it stands, every rule of it. */
async function axe(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => ({ id, html, failureSummary })));
}

/**
 * Looks at a page as people with other eyes and screens do: axe finds nothing in the light nor in the dark, nothing sticks out at 320 px, nor
 * at a desk where everything is twice as large (WCAG 2.2, 1.4.10 and 1.4.4). Leaves screenshots by `name`: at a desk and on a phone, in the light and in the dark.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark', 'grey', 'oled']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
    expect({ name, theme, found: await axe(page) }).toEqual({ name, theme, found: [] });
  }
  for (const [width, height] of [
    [640, 400],
    [320, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    expect({ name, width: await page.evaluate('document.documentElement.scrollWidth') }).toEqual({ name, width });
  }
  await shoot(page, name);
}

async function shoot(page: Page, name: string): Promise<void> {
  // What lies over the page is as large as the window.
  const fullPage = (await page.locator('dialog').count()) === 0;
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      await page.screenshot({ path: join(resultsDir, 'portal', `${name}-${device}-${theme}.png`), fullPage });
    }
  }
  await page.evaluate(`document.documentElement.dataset.theme = 'light'`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

export const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Whether the script has taken the place of the gateway's own page. */
export const isInteractive = (page: Page): Promise<void> => page.locator('#root[data-ready]').waitFor();

export async function fillSignIn(page: Page, name: keyof typeof people, password: string = people[name].password): Promise<void> {
  await fillIn(page, name, password);
}

export async function fillIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
}

export const signInButton = (page: Page) => page.getByRole('button', { name: 'Sign in' });

/** Types who they are, and presses the button. */
export async function submitSignIn(page: Page, name: keyof typeof people, password?: string): Promise<void> {
  await fillSignIn(page, name, password);
  await signInButton(page).click();
}

/** Has the code sent to their address, and types it as `typed` has it. */
export async function giveMailedCode(page: Page, mail: () => string, address: string, typed = (code: string) => code): Promise<void> {
  const code = await mailedCode(mail, address, () => page.getByRole('button', { name: 'Send the code' }).click());
  await page.getByLabel('Code', { exact: true }).fill(typed(code));
  await page.getByRole('button', { name: 'Continue' }).click();
}

export const signInAt = (rd?: string): string =>
  rd === undefined ? `${portal}/` : `${portal}/?${new URLSearchParams({ rd, rm: 'GET' }).toString()}`;
