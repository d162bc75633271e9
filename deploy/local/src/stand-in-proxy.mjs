import http from 'node:http';
import { createProxyServer } from 'httpxy';
import { DOMAIN, PROTECTED_HOSTS, appUrl } from './demo-config.mjs';

/** As deploy/caddy and deploy/nginx have it: all four, always, and never the client's own. */
const IDENTITY = ['remote-user', 'remote-groups', 'remote-name', 'remote-email'];
const QUESTIONS = /^\/([^/]+\/)?api\/(verify|authz)([/?]|$)/i;
const RELAYED = ['location', 'www-authenticate', 'set-cookie', 'content-type', 'retry-after', 'cache-control'];

/** Names a backend might fold into one of the four. */
const foldsToIdentity = (name) => IDENTITY.includes(name.toLowerCase().replace(/[^a-z]/g, '-'));

/** What the gate is asked about a request; the client's own words about it are left out. */
function question(request) {
  const { host, cookie, accept, authorization } = request.headers;
  const headers = {
    'x-forwarded-method': request.method,
    'x-forwarded-proto': 'http',
    'x-forwarded-host': host,
    'x-forwarded-uri': request.url,
    'x-forwarded-for': request.socket.remoteAddress,
    'x-requested-with': request.headers['x-requested-with'],
    cookie,
    accept,
    authorization,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

function askGate(gate, request) {
  return new Promise((resolve, reject) => {
    const asked = http.get(`${gate}/api/authz/forward-auth`, { headers: question(request) }, (answer) => {
      answer
        .resume()
        .on('end', () => resolve(answer))
        .on('error', reject);
    });
    asked.on('error', reject);
  });
}

/**
 * Stands in for Caddy or nginx in the demonstration, nowhere else: the portal, and two protected pages. Resolves to what closes it.
 */
export async function startStandInProxy({ ports, addresses }) {
  const gate = `http://127.0.0.1:${ports.gateway}`;
  const proxy = createProxyServer({});
  proxy.on('error', (error, request, response) => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });

  async function protect(request, response) {
    const answer = await askGate(gate, request);
    if (answer.statusCode !== 200) {
      const headers = RELAYED.filter((name) => answer.headers[name] !== undefined).map((name) => [name, answer.headers[name]]);
      return response.writeHead(answer.statusCode, Object.fromEntries(headers)).end();
    }
    for (const name of Object.keys(request.headers)) if (foldsToIdentity(name)) delete request.headers[name];
    for (const name of IDENTITY) request.headers[name] = answer.headers[name] ?? '';
    return proxy.web(request, response, { target: `http://127.0.0.1:${ports.backend}` });
  }

  function portal(request, response) {
    if (QUESTIONS.test(request.url)) return response.writeHead(404).end();
    for (const name of Object.keys(request.headers)) if (name.startsWith('x-forwarded-') || name === 'x-original-url') delete request.headers[name];
    Object.assign(request.headers, {
      'x-forwarded-proto': 'http',
      'x-forwarded-host': request.headers.host,
      'x-forwarded-uri': request.url,
      'x-forwarded-for': request.socket.remoteAddress,
    });
    return proxy.web(request, response, { target: gate });
  }

  const handle = (request, response) => {
    const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    if (host === `auth.${DOMAIN}`) return portal(request, response);
    if (host === `mail.${DOMAIN}`) return proxy.web(request, response, { target: `http://127.0.0.1:${ports.backend}` });
    if (!PROTECTED_HOSTS.includes(host)) return response.writeHead(302, { location: appUrl(ports.proxy) }).end();
    return protect(request, response).catch(() => response.writeHead(503, { 'retry-after': '2' }).end());
  };

  const servers = await Promise.all(addresses.map((address) => listen(handle, ports.proxy, address.replace(/[[\]]/g, ''))));
  return () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
}

/** A server that listens; rejects where it cannot. */
export function listen(handle, port, host) {
  return new Promise((resolve, reject) => {
    const server = http.createServer(handle);
    server.on('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
