import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HttpResponse, until } from '../support/index.js';
import { type Installation, people, portal, signIn, tryPassword } from './installation.js';

/** What stands for the request on a page. */
const numberOn = ({ body }: HttpResponse): string => /<code dir="ltr">([\w-]{8,64})<\/code>/.exec(body)?.[1] ?? '';

/** What people are shown, behind a proxy whose files show our pages, where an application is not opened to them; registers its tests. */
export function gatePages(world: () => Installation): void {
  const admin = 'https://admin.example.com/a?b=c';
  const pageFor = async (headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> =>
    (await signIn(world().person(), 'john')).open(admin, headers);

  describe('a refused page', () => {
    it('says so in plain words with status 403, and where to go', async () => {
      const answer = await pageFor();
      expect(answer.status).toBe(403);
      expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      expect(answer.body).toContain('<h1>No access</h1>');
      expect(answer.body).toContain(`href="${portal}"`);
      expect(answer.headers['set-cookie']).toBeUndefined();
    });

    it('stands for itself: no script, its style by its hash, nothing to be fetched', async () => {
      const { body, headers } = await pageFor();
      const [, style = ''] = /<style>([^<]*)<\/style>/.exec(body) ?? [];
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
      );
      expect(body).not.toMatch(/<script|<link|<img|url\(/);
    });

    it("has the number under which the refusal stands in the gate's log, chosen by the proxy and never by the client", async () => {
      const answer = await pageFor({ 'X-Request-Id': 'chosen-by-the-client' });
      const number = numberOn(answer);
      expect(number).toMatch(/^[\w-]{32,36}$/);
      const line = await until(() =>
        world()
          .portcullis.logs('verify-gateway')
          .split('\n')
          .find((each) => each.includes(number)),
      );
      expect(line).toMatch(/forbidden.*admin\.example\.com|admin\.example\.com.*forbidden/);
      expect(answer.body).not.toContain('chosen-by-the-client');
      expect(numberOn(await pageFor())).not.toBe(number);
    });

    it('speaks the language of the browser', async () => {
      expect((await pageFor({ 'Accept-Language': 'de' })).body).toContain('<html lang="de" dir="ltr">');
      expect((await pageFor({ 'Accept-Language': 'ar' })).body).toContain('<html lang="ar" dir="rtl">');
    });

    it('stays with a form that was sent, which reaches nobody, and with HEAD', async () => {
      const john = await signIn(world().person(), 'john');
      const before = world().backend.requests.length;
      const headers = { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' };
      const sent = await john.send(admin, { method: 'POST', headers, body: 'a=b' });
      expect(sent).toMatchObject({ status: 403, body: expect.stringContaining('No access') as string });
      expect(await john.send(admin, { method: 'HEAD', headers: { Accept: 'text/html' } })).toMatchObject({ status: 403, body: '' });
      // What was sent has not stayed on the way to the gate for the next to stumble over.
      for (let again = 0; again < 5; again++) expect((await john.open(admin)).status).toBe(403);
      expect(world().backend.requests).toHaveLength(before);
    });

    it.each([{ Accept: 'application/json' }, { Accept: '*/*' }])('is no page to a script (%o)', async (headers) => {
      const answer = await pageFor(headers);
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('No access');
    });
  });

  it('what cannot be told now is a page with status 503, and who is signed in stays so', async () => {
    const { redis, person } = world();
    const john = await signIn(person(), 'john');
    const app = 'https://app.example.com/';
    redis.pause();
    onTestFinished(async () => {
      redis.resume();
      await until(async () => (await john.open(app)).status === 200, { timeoutMs: 20_000, what: 'the session to open the site again' });
      await until(async () => (await tryPassword(person(), 'john', people.john.password)).status === 200, { what: 'sign-in to work again' });
    });
    const answer = await until(async () => {
      const found = await john.open(app);
      return found.status === 503 && found;
    });
    expect(answer.headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' });
    expect(answer.body).toContain('<h1>Not available right now</h1>');
    await until(() => world().portcullis.logs('verify-gateway').includes(numberOn(answer)), { what: 'the number in the log' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    const script = await john.open(app, { Accept: 'application/json' });
    expect([script.status, script.headers['retry-after']]).toEqual([503, '2']);
    expect(script.body).not.toContain('Not available right now');
  });

  it.each(['/error/403', '/error/503', '/authelia/error/403', '/ERROR/403', '//error/403', '/x/../error/403'])(
    'the page itself is not asked for at %s of the portal',
    async (path) => {
      expect([400, 404]).toContain((await world().person().open(`${portal}${path}`)).status);
    },
  );

  it.each(['/error/403', '/@portcullis_forbidden', '/.portcullis/error/403'])("%s of a protected site is the application's own", async (path) => {
    const { person, backend } = world();
    const before = backend.requests.length;
    expect((await person().open(`https://app.example.com${path}`)).status).toBe(302);
    expect(backend.requests).toHaveLength(before);
  });
}
