import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, Gateway, LOOK, PROXY } from '../gateway.fixture.js';
import { findPortalFiles, type PortalFiles } from './portal-files.js';

const built = mkdtempSync(join(tmpdir(), 'portal-'));
const MANIFEST = {
  'src/main.tsx': { file: 'assets/portal-abc.js', imports: ['_react.js'] },
  '_react.js': { file: 'assets/react-mno.js', css: ['assets/portal-def.css'], imports: ['src/main.tsx'] },
  'src/icon.svg': { file: 'assets/icon-ghi.svg' },
  '../../libs/domain/portal-texts/src/de.json': { file: 'assets/de-jkl.js' },
};
let files: PortalFiles;
let gateway: Gateway;

beforeAll(async () => {
  for (const folder of ['.vite', 'assets']) mkdirSync(join(built, folder));
  writeFileSync(join(built, '.vite/manifest.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(built, 'assets/portal-abc.js'), 'export {};');
  writeFileSync(join(built, 'assets/portal-def.css'), 'p{}');
  writeFileSync(join(built, 'assets/portal-def.css.br'), Buffer.from('CwGAcHt9Aw==', 'base64'));
  writeFileSync(join(built, 'secret'), 'x');
  files = findPortalFiles(built)!;
  gateway = await Gateway.start({ files, settings: { subPath: '/authelia' } });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(built, { recursive: true });
});

const OWN = { ...PROXY, Origin: 'https://auth.example.com', 'Sec-Fetch-Site': 'same-origin' };
const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  gateway.ask('GET', path, { headers: { ...PROXY, ...headers } });
/** The data that a page is opened with. */
const dataOf = ({ body }: Answer): unknown => {
  const [, text = 'null'] = /<script type="application\/json" id="portal">(.*?)<\/script>/s.exec(body) ?? [];
  return JSON.parse(text);
};

describe('the built pages', () => {
  it('are found by their manifest', () => {
    expect(files).toEqual({
      ...{ assets: join(built, 'assets'), script: 'portal-abc.js', style: 'portal-def.css', icon: 'icon-ghi.svg', imports: ['react-mno.js'] },
      texts: { de: 'de-jkl.js' },
    });
  });

  it('may be missing, but not be something else', () => {
    expect(findPortalFiles(join(built, 'nowhere'))).toBeNull();
    mkdirSync(join(built, 'odd/.vite'), { recursive: true });
    writeFileSync(join(built, 'odd/.vite/manifest.json'), '{}');
    expect(() => findPortalFiles(join(built, 'odd'))).toThrow('nx build @portcullis/portal');
  });
});

describe('a page that is opened', () => {
  it.each(['', '/authelia'])('below %j has style, script and data from there', async (base) => {
    const answer = await get(`${base}/?rd=https://one.example.com/a`, { 'Accept-Language': 'de' });
    expect(answer.body).toContain('<html lang="de" dir="ltr" data-theme="light">');
    expect(answer.body).toContain(`<link rel="stylesheet" href="${base}/assets/portal-def.css">`);
    expect(answer.body).toContain(
      `<link rel="modulepreload" href="${base}/assets/de-jkl.js" /><link rel="modulepreload" href="${base}/assets/react-mno.js" /><script type="module" src="${base}/assets/portal-abc.js">`,
    );
    expect(answer.body).toContain(`action="${base}/sign-in"`);
    expect(dataOf(answer)).toMatchObject({ base, language: 'de', continue_to: 'one.example.com', state: { authentication_level: 0 } });
  });

  it('allows its own files, and nothing that is written into it', async () => {
    const { headers, body } = await get('/');
    const policy = headers['content-security-policy'];
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; /);
    expect(policy).toMatch(/form-action 'self' https:\/\/example\.com:\* .*; frame-ancestors 'none'; base-uri 'none'$/);
    expect(body).not.toMatch(/<style| style=| on\w+=/);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('holds data that can never become markup (attack 60)', async () => {
    const other = await Gateway.start({ files, settings: { look: { ...LOOK, name: '</script><script>alert(1)</script>' } } });
    onTestFinished(() => other.stop());
    const answer = await other.ask('GET', '/');
    expect(dataOf(answer)).toMatchObject({ name: '</script><script>alert(1)</script>' });
    expect(answer.body).not.toContain('<script>alert');
  });

  it('wears the operator’s colour by a style that the policy allows by its hash alone', async () => {
    const other = await Gateway.start({ files, settings: { look: { ...LOOK, color: '#8a2be2', theme: 'oled' } } });
    onTestFinished(() => other.stop());
    const { body, headers } = await other.ask('GET', '/');
    expect(body).toContain('data-theme="oled"');
    expect(body).toContain('<style>:root{--brand-light:#8a2be2;');
    expect(headers['content-security-policy']).toMatch(/style-src 'self' 'sha256-[\w+/]{43}='; /);
  });

  it('in Arabic runs from right to left', async () => {
    expect((await get('/', { 'Accept-Language': 'ar' })).body).toContain('<html lang="ar" dir="rtl"');
  });
});

it('a page that answers a form has the style and no script', async () => {
  expect((await get('/')).body).toContain('<noscript><button class="link">');
  const answer = await gateway.ask('POST', '/sign-in', { form: { username: 'bob', password: 'wrong' }, headers: OWN });
  // Nothing listens to its language menu: the button is there for everybody.
  expect(answer.body).toContain('</label><button class="link">');
  expect([answer.status, answer.body.includes('portal-def.css'), answer.body.includes('<script')]).toEqual([401, true, false]);
});

describe('the files of the pages', () => {
  it.each(['', '/authelia'])('below %j are kept for a year', async (base) => {
    const answer = await get(`${base}/assets/portal-abc.js`);
    expect([answer.status, answer.body]).toEqual([200, 'export {};']);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers.pragma).toBeUndefined();
  });

  it('come in Brotli to who takes it', async () => {
    const answer = await get('/assets/portal-def.css', { 'Accept-Encoding': 'gzip, br' });
    expect([answer.headers['content-encoding'], answer.headers['content-type']]).toEqual(['br', 'text/css; charset=utf-8']);
    expect((await get('/assets/portal-def.css')).body).toBe('p{}');
  });

  it.each([
    '/assets/',
    '/assets',
    '/assets/nothing.js',
    '/assets/../secret',
    '/assets/%2e%2e/secret',
    '/assets/..%2fsecret',
    '/assets/.vite/manifest.json',
  ])('%s is none of them', async (path) => {
    const answer = await get(path);
    expect([400, 403, 404]).toContain(answer.status);
    expect(answer.body).not.toBe('x');
  });
});
