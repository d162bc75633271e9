import { expect, it } from 'vitest';
import { certificates, describeWith, freePort, openBrowser, startBackend, startNginx } from './index.js';

describeWith(['chromium', 'nginx'], 'openBrowser', () => {
  it('shows a page over TLS at the host it is told, and reaches no other', async () => {
    const backend = await startBackend({ html: true });
    const port = await freePort();
    const { certFile, keyFile } = await certificates();
    await startNginx(
      `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; location / { proxy_pass ${backend.url}; } }`,
    );
    const { page, newContext } = await openBrowser({ hostRules: { '*.example.com': `127.0.0.1:${port}` }, ignoreHttpsErrors: true });
    await page.goto('https://app.example.com/dashboard');
    expect(await page.title()).toBe('The application');
    expect(await page.locator('#request').textContent()).toContain('"url": "/dashboard"');
    expect(await page.evaluate('isSecureContext')).toBe(true);
    await expect(page.goto('https://elsewhere.test/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');

    await page.context().addCookies([{ name: 'who', value: 'john', url: 'https://app.example.com' }]);
    const other = await (await newContext()).newPage();
    await other.goto('https://app.example.com/other');
    expect(backend.requests.find(({ url }) => url === '/other')?.headers['cookie']).toBeUndefined();
  });
});
