import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { escapeHtml, Html, html, page, pageSecurityPolicy } from './html.js';

const odd = `<img src=x onerror="alert('1')">&`;
const escaped = '&lt;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&gt;&amp;';

it('text never becomes markup (attack 60)', () => {
  expect(escapeHtml(odd)).toBe(escaped);
  expect(html`<p title="${odd}">${odd}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
});

it('markup inside markup stays, in lists too', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${html`<p>${1}</p>`}${null}`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul><p>1</p>');
});

describe('a page', () => {
  const text = page('de', '<b>', html`<p>${odd}</p>`, odd);

  it('holds title, body and what went wrong as text', () => {
    expect(text).toContain('<title>&lt;b&gt; · Portcullis</title>');
    expect(text).toContain(`<p class="bad" role="alert">${escaped}</p>`);
    expect(text).not.toContain(odd);
  });

  it('names the language it is in, and where that begins', () => {
    expect(text).toContain('<html lang="de" dir="ltr">');
    expect(page('ar', 'x', new Html(''))).toContain('<html lang="ar" dir="rtl">');
  });

  it('says nothing went wrong where nothing did', () => {
    expect(page('en', 'x', new Html(''))).not.toContain('role="alert"');
  });

  it('has one style and no script, and its policy allows that one alone', () => {
    const styles = [...text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style = '']) => createHash('sha256').update(style).digest('base64'));
    expect(styles).toHaveLength(1);
    const policy = pageSecurityPolicy([{ domain: 'example.com' }]);
    expect(policy).toContain(`style-src 'sha256-${styles[0] ?? ''}';`);
    expect(policy).not.toContain('unsafe-inline');
    expect(page('en', 'x', html`<p>x</p>`, 'x')).not.toMatch(/<script| style=| on\w+=/);
  });
});

it('a form may lead to this site and the protected ones', () => {
  const policy = pageSecurityPolicy([{ domain: 'example.com' }, { domain: 'portcullis.localhost' }]);
  expect(policy).toContain(
    "form-action 'self' https://example.com:* https://*.example.com:* http://portcullis.localhost:* http://*.portcullis.localhost:*;",
  );
  expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'; base-uri 'none'$/);
});
