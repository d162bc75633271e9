import { portalData } from '@portcullis/contracts-portal-api';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Gateway, type GatewayOptions, LOOK, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

async function another(options: GatewayOptions): Promise<Gateway> {
  const other = await Gateway.start(options);
  onTestFinished(() => other.stop());
  return other;
}

describe('GET /api/portal', () => {
  const data = async (at: Gateway, query = '', asked: { readonly session?: string; readonly headers?: Readonly<Record<string, string>> } = {}) => {
    const answer = await at.ask('GET', `/api/portal${query}`, { session: asked.session, headers: { ...PROXY, ...asked.headers } });
    expect(answer.status).toBe(200);
    return portalData.parse(answer.json.data);
  };
  const to = (url: string): string => `?rd=${encodeURIComponent(url)}`;

  it('says to a stranger what a page needs, and nothing of anybody', async () => {
    expect(await data(gateway)).toEqual({
      ...{ base: '', name: 'Portcullis', theme: 'light', color: null, logo: null, texts: null, terms_url: null, privacy_url: null },
      ...{ privacy_acceptance: false, language: 'en', languages: ['en', 'de', 'fr', 'es', 'ja', 'ar'], remember_me: true, reset_disabled: false },
      ...{ reset_url: null, change_disabled: false, notices: 'mail', continue_to: null, wants_second_factor: false },
      state: { username: '', authentication_level: 0, factor_knowledge: false, default_redirection_url: 'https://www.example.com' },
    });
  });

  it("has the operator's name, colours and links", async () => {
    const links = { termsUrl: '/terms', privacyUrl: 'https://www.example.com/p', privacyAcceptance: true };
    const look = { ...LOOK, ...links, theme: 'auto' as const, name: 'Home', color: '#2b59c3', notices: 'file' as const };
    const other = await another({ settings: { look, resetDisabled: true, resetUrl: 'https://id.example.com/reset', changeDisabled: true } });
    expect(await data(other)).toMatchObject({
      ...{ theme: 'auto', name: 'Home', color: '#2b59c3', terms_url: '/terms', privacy_url: 'https://www.example.com/p', privacy_acceptance: true },
      ...{ notices: 'file', reset_disabled: true, reset_url: 'https://id.example.com/reset', change_disabled: true },
    });
  });

  it('speaks the language of the browser, or the one that was chosen', async () => {
    expect(await data(gateway, '', { headers: { 'Accept-Language': 'fr-CH, de;q=0.5' } })).toMatchObject({ language: 'fr' });
    expect(await data(gateway, '', { headers: { 'Accept-Language': 'fr', Cookie: 'portcullis_language=ar' } })).toMatchObject({ language: 'ar' });
  });

  it('names the host one will return to only where it is one of ours', async () => {
    expect(await data(gateway, to('https://two.example.com:8443/a?b=c#d'))).toMatchObject({ continue_to: 'two.example.com' });
    for (const odd of ['https://evil.test/', 'http://two.example.com/', 'javascript:alert(1)', 'https://two.example.com@evil.test/'])
      expect(await data(gateway, to(odd)), odd).toMatchObject({ continue_to: null });
  });

  it('asks for a second factor where the target needs one, or something does and no target is named', async () => {
    const wants = async (query: string, session?: string) =>
      (await data(gateway, query, session === undefined ? {} : { session })).wants_second_factor;
    const [half, whole] = [await gateway.session.signedIn('bob'), await gateway.session.signedIn('bob', 2)];
    expect(await wants(to('https://two.example.com/'))).toBe(false);
    expect(await wants(to('https://two.example.com/'), half)).toBe(true);
    expect(await wants('', half)).toBe(true);
    expect(await wants(to('https://one.example.com/'), half)).toBe(false);
    expect(await wants(to('https://deny.example.com/'), half)).toBe(false);
    expect(await wants(to('https://two.example.com/'), whole)).toBe(false);
  });

  it.each([{ rules: [] }, { settings: { totp: null } }])('asks for none under %j', async (options) => {
    const other = await another(options);
    const session = await other.session.signedIn('bob');
    expect(await data(other, to('https://two.example.com/'), { session })).toMatchObject({ wants_second_factor: false });
  });

  it('has the sub-path in every address, where it is asked below it', async () => {
    const other = await another({ settings: { subPath: '/authelia' } });
    expect((await other.ask('GET', '/authelia/api/portal')).json.data).toMatchObject({ base: '/authelia' });
    expect((await other.ask('GET', '/api/portal')).json.data).toMatchObject({ base: '' });
  });
});

describe("the operator's own files", () => {
  const PNG = Buffer.from('iVBORw0KGgo=', 'base64');
  let directory: string;
  let at: Gateway;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-assets-'));
    writeFileSync(join(directory, 'logo.png'), PNG);
    writeFileSync(join(directory, 'logo.svg'), '<svg onload="alert(1)"/>');
    writeFileSync(join(directory, 'secret.txt'), 'a secret');
    for (const language of ['de', 'xx']) {
      mkdirSync(join(directory, 'locales', language), { recursive: true });
      writeFileSync(join(directory, 'locales', language, 'portal.json'), '{"sign_in":"Herein"}');
    }
    at = await Gateway.start({ settings: { look: { ...LOOK, assetDirectory: directory } } });
  });
  afterAll(async () => {
    await at.stop();
    rmSync(directory, { recursive: true });
  });

  it('are named to a page where they are', async () => {
    const german = await at.ask('GET', '/api/portal', { headers: { ...PROXY, 'Accept-Language': 'de' } });
    expect(german.json.data).toMatchObject({ logo: '/static/logo.png', texts: '/locales/de/portal.json' });
    expect((await at.ask('GET', '/api/portal')).json.data).toMatchObject({ logo: '/static/logo.png', texts: null });
  });

  it('are shown as what they are, and asked about each time', async () => {
    const logo = await at.ask('GET', '/static/logo.png');
    expect(logo).toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/png', 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' },
    });
    const again = await at.ask('GET', '/static/logo.png', { headers: { ...PROXY, 'If-None-Match': `"x", ${logo.headers.etag ?? ''}` } });
    expect(again).toMatchObject({ status: 304, body: '' });
    const texts = await at.ask('GET', '/locales/de/portal.json');
    expect(texts).toMatchObject({ status: 200, json: { sign_in: 'Herein' }, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect((await at.ask('HEAD', '/static/logo.png')).status).toBe(200);
  });

  it('show a change without a restart', async () => {
    const before = await at.ask('GET', '/static/logo.png');
    writeFileSync(join(directory, 'logo.png'), Buffer.concat([PNG, PNG]));
    const after = await at.ask('GET', '/static/logo.png', { headers: { ...PROXY, 'If-None-Match': before.headers.etag ?? '' } });
    expect(after.status).toBe(200);
    writeFileSync(join(directory, 'favicon.ico'), PNG);
    expect((await at.ask('GET', '/favicon.ico')).headers['content-type']).toBe('image/x-icon');
    rmSync(join(directory, 'favicon.ico'));
    expect((await at.ask('GET', '/favicon.ico')).status).toBe(404);
  });

  it.each([
    '/static/logo.svg',
    '/static/secret.txt',
    '/secret.txt',
    '/static/../secret.txt',
    '/static/%2e%2e/secret.txt',
    '/static/..%2fsecret.txt',
    '/locales/xx/portal.json',
    '/locales/fr/portal.json',
    '/locales/..%2f..%2fde/portal.json',
    '/locales/de/secret.txt',
    '/locales/%2e%2e/portal.json',
  ])('are these names alone: never %s', async (path) => {
    const answer = await at.ask('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  it('are none where no folder is named', async () => {
    for (const path of ['/static/logo.png', '/favicon.ico', '/locales/de/portal.json'])
      expect((await gateway.ask('GET', path)).status, path).toBe(404);
  });

  it('are not shown where one is huge, or a folder', async () => {
    writeFileSync(join(directory, 'logo.png'), Buffer.alloc(1024 * 1024 + 1));
    mkdirSync(join(directory, 'favicon.ico'));
    expect((await at.ask('GET', '/api/portal')).json.data).toMatchObject({ logo: null });
    for (const path of ['/static/logo.png', '/favicon.ico']) expect((await at.ask('GET', path)).status, path).toBe(404);
  });
});
