import type { LogLine } from './log-lines.js';

interface Refusal {
  readonly why: readonly string[];
  readonly fix: readonly string[];
}

const FILES = 'The files of deploy/ (nginx, caddy, haproxy) send what is wanted: include them as they are.';

/** Why a request was not taken, and which header of the proxy or which key is to be changed. */
export function refusalOf(line: LogLine): Refusal {
  const { reason = '', endpoint = '', remote_ip: ip = 'the address of the proxy' } = line;
  const refusal = { ...REFUSALS, ...TARGETS[endpoint] }[reason];
  if (refusal === undefined) return { why: [line['msg'] ?? reason], fix: [FILES] };
  const [why, fix] = refusal;
  return { why: [why], fix: [fix.replace('ADDRESS', ip)] };
}

type Refusals = Readonly<Record<string, readonly [why: string, fix: string]>>;

const REFUSALS: Refusals = {
  missing_target: ['The proxy does not say which address is asked for.', FILES],
  missing_method: ['The proxy does not say by which method the address is asked for.', FILES],
  malformed_method: [
    'The method that the proxy names is not in capital letters.',
    `Pass on the method of the request as it is ($request_method in nginx). ${FILES}`,
  ],
  malformed_target: [
    'The address that the proxy names has a form that two readers take in two ways: a control character, a fragment, a broken escape, a name with odd letters.',
    'Mostly somebody tried something. Where it was an application: it must ask for addresses that are written as RFC 3986 has them.',
  ],
  ambiguous_target: [
    'X-Original-URL and X-Forwarded-Proto, -Host, -URI are both there and say different things: one of them came from the client.',
    'Let the proxy set or remove both. With nginx: include deploy/nginx/portcullis-server.conf and portcullis-location.conf; with Caddy: deploy/caddy/portcullis.caddy.',
  ],
  insecure_scheme: [
    'The site was asked for over http: a session cookie is sent over https alone.',
    'Open the site over https. Where it is, the proxy in front must say so: X-Forwarded-Proto: https.',
  ],
  untrusted_peer: [
    'What asked the gate is neither this machine nor a private address, so what it says of its clients is not believed.',
    'Name the proxy in the configuration:\n  server:\n    trusted_proxies: [ADDRESS]',
  ],
  repeated_header: [
    'A header that names the address or the client came twice: one of them is the client’s.',
    `Let the proxy replace it instead of adding one. ${FILES}`,
  ],
  forged_identity_header: [
    'The client sent a Remote-User, Remote-Groups, Remote-Name or Remote-Email of its own, in a spelling that an application could take for the real one.',
    'Nothing, where somebody tried something. Where the proxy adds it: take it out there; the files of deploy/ remove them.',
  ],
  malformed_address: [
    'X-Forwarded-For holds something that is no address, where the client’s own should stand.',
    'Let the proxy set X-Forwarded-For to the address it sees ($remote_addr in nginx).',
  ],
  repeated_cookie: [
    'The session cookie came twice with different values.',
    'Let the person delete the cookies of this domain, and sign in again. Two gates on one domain need different names: session.name.',
  ],
  foreign_host: [
    'The site is below no domain of session.cookies, so no session can reach it.',
    'Add its domain to the configuration:\n  session:\n    cookies:\n      - domain: example.com\n        authelia_url: https://auth.example.com',
  ],
  unknown_portal: [
    'The proxy names a portal (authelia_url, rd, or X-Authelia-URL) that is not the one of this domain.',
    'Take it out of the proxy’s file, or name the same as session.cookies[].authelia_url.',
  ],
  method_not_allowed: ['The proxy asked the gate by another method than GET or HEAD.', `Let it ask by GET, without the body. ${FILES}`],
};

/** What is missing depends on whom the proxy asks. */
const TARGETS: Readonly<Record<string, Refusals>> = {
  legacy: {
    missing_target: [
      'The proxy sends neither X-Original-URL nor X-Forwarded-Proto, -Host and -URI to /api/verify.',
      'With nginx: include deploy/nginx/portcullis-server.conf in the server and portcullis-location.conf in the location. With Caddy: deploy/caddy/portcullis.caddy.',
    ],
  },
  'auth-request': {
    missing_target: [
      'The proxy does not send X-Original-URL.',
      'Include deploy/nginx/portcullis-server.conf in the server of the site, and portcullis-location.conf in the location.',
    ],
    missing_method: [
      'The proxy does not send X-Original-Method.',
      'Include deploy/nginx/portcullis-server.conf in the server of the site, and portcullis-location.conf in the location.',
    ],
  },
  'forward-auth': {
    missing_target: ['The proxy does not send X-Forwarded-Host.', 'With Caddy: import deploy/caddy/portcullis.caddy. With HAProxy: deploy/haproxy.'],
    missing_method: [
      'The proxy does not send X-Forwarded-Method.',
      'With Caddy: import deploy/caddy/portcullis.caddy. With HAProxy: deploy/haproxy.',
    ],
  },
};
