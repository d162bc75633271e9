import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { needs } from './config.js';
import { atEnd } from './lifetime.js';

export interface BrowserOptions {
  /** Host to `127.0.0.1:port`; every other name does not resolve. `*.example.com` works. */
  readonly hostRules: Readonly<Record<string, string>>;
  readonly ignoreHttpsErrors?: boolean;
  readonly javaScriptEnabled?: boolean;
}

export interface OpenBrowser {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Someone else: no cookie shared. */
  readonly newContext: () => Promise<BrowserContext>;
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium that sees only the hosts it is told. A screenshot of every open page is kept when the test fails. */
export async function openBrowser({ hostRules, ignoreHttpsErrors = false, javaScriptEnabled = true }: BrowserOptions): Promise<OpenBrowser> {
  const rules = [...Object.entries(hostRules).map(([host, address]) => `MAP ${host} ${address}`), 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  const browser = await chromium.launch({ executablePath: needs('chromium'), args: [...flags, `--host-resolver-rules=${rules.join(', ')}`] });
  atEnd({
    keep: async (folder) => {
      const pages = browser.contexts().flatMap((context) => context.pages());
      await Promise.all(pages.map((page, index) => page.screenshot({ path: join(folder, `page-${index + 1}.png`), fullPage: true })));
    },
    end: () => browser.close(),
  });
  const newContext = (): Promise<BrowserContext> => browser.newContext({ ignoreHTTPSErrors: ignoreHttpsErrors, javaScriptEnabled });
  const context = await newContext();
  return { context, page: await context.newPage(), newContext };
}
