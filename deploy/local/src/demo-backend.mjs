import { listen } from './stand-in-proxy.mjs';
import { adminUrl, appUrl, mailUrl, portalUrl, vaultUrl } from './demo-config.mjs';
import { mailPages } from './demo-mails.mjs';

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const utf8 = (header) => Buffer.from(header ?? '', 'latin1').toString('utf8');

const TITLES = { admin: 'The page for administrators', vault: 'A page that wants a second factor' };

/** The page of the demonstration's app: who is signed in, and every header that the app is sent. */
export function demoPage(headers, port) {
  const title = TITLES[(headers.host ?? '').split('.', 1)[0]] ?? 'A protected page';
  const rows = Object.entries(headers)
    .sort(([a], [b]) => b.startsWith('remote-') - a.startsWith('remote-') || a.localeCompare(b))
    .map(([name, value]) => `<tr><th>${escaped(name)}<td>${escaped(name === 'cookie' ? '(not shown)' : utf8(String(value)))}`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Portcullis demonstration</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
table { border-collapse: collapse; font: 13px/1.6 ui-monospace, monospace } th { text-align: left; padding-right: 1.5rem; vertical-align: top; font-weight: 600 }
td { overflow-wrap: anywhere } nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem } .who { font-size: 1.4rem }
</style>
<h1>${title}</h1>
<p class="who">Signed in as <b>${escaped(utf8(headers['remote-name'])) || 'nobody'}</b> (${escaped(utf8(headers['remote-user']))})</p>
<nav><a href="${appUrl(port)}">The app</a><a href="${vaultUrl(port)}">With a second factor</a><a href="${adminUrl(port)}">Administrators only</a><a href="${portalUrl(port)}">Your account</a><a href="${mailUrl(port)}">Mails</a><a href="${portalUrl(port)}/logout">Sign out</a></nav>
<p>This is what the app is sent with each request:</p>
<table>${rows.join('\n')}</table>
</html>
`;
}

/** Starts the app and the page of the mails; resolves to what closes them. */
export async function startDemoBackend(ports, mailFile) {
  const showMails = mailPages(mailFile);
  const handle = (request, response) => {
    if (request.headers.host?.startsWith('mail.')) return showMails(request, response);
    return response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(demoPage(request.headers, ports.proxy));
  };
  const server = await listen(handle, ports.backend, '127.0.0.1');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
