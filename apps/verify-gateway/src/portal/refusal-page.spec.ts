import { LANGUAGES, type Language } from '@portcullis/domain-portal-texts';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LOOK } from '../gateway.fixture.js';
import { readsPages, type RefusalNotice, RefusalPages } from './refusal-page.js';

const NOTICE: RefusalNotice = { status: 403, requestId: 'abcdefgh12345678', language: 'en', back: null };
const render = (change: Partial<RefusalNotice> = {}, look: Partial<typeof LOOK> = {}): string =>
  new RefusalPages({ ...LOOK, ...look }).render({ ...NOTICE, ...change });
const titleOf = (page: string): string => /<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? '';

describe('a page in the place of what was refused', () => {
  it.each([
    [403, 'No access'],
    [404, 'Not found'],
    [421, 'Not here'],
    [429, 'Please wait'],
    [503, 'Not available right now'],
    [500, 'Something went wrong'],
    [400, 'This did not work'],
    [405, 'This did not work'],
  ])('of status %i is called %s', (status, title) => {
    expect(titleOf(render({ status }))).toBe(title);
  });

  it('says where to go, and quotes the number', () => {
    const page = render({ back: { href: 'https://auth.example.com/?a="&b', label: 'account' } });
    expect(page).toContain('<a href="https://auth.example.com/?a=&#34;&amp;b">Your account</a>');
    expect(page).toContain('<code dir="ltr">abcdefgh12345678</code>');
    expect(titleOf(render({ back: { href: '/', label: 'home' } }))).toBe('This was refused');
  });

  it('names the places that may have been meant', () => {
    expect(render({ status: 421, places: ['https://auth.example.com/'] })).toContain(
      '<a href="https://auth.example.com/">https://auth.example.com/</a>',
    );
  });

  it.each(Object.keys(LANGUAGES) as Language[])('speaks %s, in its direction', (language) => {
    const page = render({ language });
    expect(page).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
    expect(page).not.toContain('refusal.');
  });

  it("bears the operator's name as text, never as markup", () => {
    expect(render({}, { name: '<script>Home</script>' })).toContain('<header>&lt;script&gt;Home&lt;/script&gt;</header>');
  });

  it.each([
    [{ theme: 'light' }, 1, 'color-scheme:light'],
    [{ theme: 'grey' }, 1, 'color-scheme:dark'],
    [{ theme: 'auto' }, 2, '@media(prefers-color-scheme:dark)'],
    [{ theme: 'light', color: '#123456' }, 1, '--brand-light:#123456'],
  ] as const)('looks as the portal does (%j)', (look, palettes, holds) => {
    const page = render({}, look);
    expect(page.split('color-scheme:').length - 1).toBe(palettes + (look.theme === 'auto' ? 1 : 0));
    expect(page).toContain(holds);
  });

  it('needs nothing else: its style is allowed by its hash, and there is no script', () => {
    const pages = new RefusalPages({ ...LOOK, color: '#123456' });
    const page = pages.render(NOTICE);
    const hash = createHash('sha256')
      .update(/<style>([^<]*)<\/style>/.exec(page)?.[1] ?? '')
      .digest('base64');
    expect(pages.policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`);
    expect(page).not.toMatch(/<script|<link|<img|url\(|style=/);
  });
});

describe('who reads pages', () => {
  it.each(['text/html', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json, TEXT/HTML;q=0.5'])('says so: %s', (accept) => {
    expect(readsPages(accept)).toBe(true);
  });

  it.each([undefined, '', '*/*', 'application/json', 'text/*', 'text/htmlx', 'text/plain, */*'])('does not say %s', (accept) => {
    expect(readsPages(accept)).toBe(false);
  });
});
