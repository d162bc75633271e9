import { PROBE_ENDING } from '@portcullis/contracts-portal-api';
import type { HeaderPairs } from './doctor-ask.js';

/** What a client may try at the proxy: one line of the report. */
export interface Trick {
  readonly title: string;
  readonly headers: (host: string) => HeaderPairs;
  /** The first line names the site as well, as if the proxy were one for the whole web (RFC 9112 section 3.2.2). */
  readonly isAbsolute?: true;
}

/** Refused by the gate wherever it counts as the target, so that it is seen. */
const FORGED_PATH = `/portcullis-forged${PROBE_ENDING}`;
/** Of a network for documentation (RFC 5737): nobody comes from there. */
export const FORGED_ADDRESS = '198.51.100.7';

const everyProxyHeader = [
  'X-Original-URL',
  'X-Original-Method',
  'X-Forwarded-Host',
  'X-Forwarded-Uri',
  'X-Forwarded-Proto',
  'X-Forwarded-Method',
  'X-Forwarded-For',
  'Remote-User',
];

/** The rows of attacks that a proxy has a part in. */
export const TRICKS: readonly Trick[] = [
  {
    title: 'X-Original-URL and -Method of a client',
    headers: (host) => [
      ['X-Original-URL', `https://${host}${FORGED_PATH}`],
      ['X-Original-Method', 'OPTIONS'],
    ],
  },
  {
    title: 'X-Forwarded-Host, -Uri and -Method of a client',
    headers: (host) => [
      ['X-Forwarded-Proto', 'http'],
      ['X-Forwarded-Host', `forged.${host}`],
      ['X-Forwarded-Uri', FORGED_PATH],
      ['X-Forwarded-Method', 'OPTIONS'],
    ],
  },
  // A proxy goes by the first line; where it tells the gate of the Host header, an open site's name opens a closed one.
  { title: 'another host in Host than in the first line', headers: (host) => [['Host', `forged.${host}`]], isAbsolute: true },
  {
    title: 'other names for the same (X-Original-URI, X-Rewrite-URL, Forwarded)',
    headers: (host) => [
      ['X-Original-URI', FORGED_PATH],
      ['X-Rewrite-URL', FORGED_PATH],
      ['X-Original-Host', `forged.${host}`],
      ['Forwarded', `for=${FORGED_ADDRESS};host=forged.${host};proto=http`],
    ],
  },
  {
    title: 'a header twice, or as a list',
    headers: (host) => [
      ['X-Forwarded-Host', host],
      ['X-Forwarded-Host', `forged.${host}`],
      ['X-Forwarded-Uri', `/, ${FORGED_PATH}`],
      ['X-Original-URL', `https://${host}/`],
      ['X-Original-URL', `https://${host}${FORGED_PATH}`],
    ],
  },
  {
    title: "a client's address of its own making (X-Forwarded-For)",
    headers: () => [
      ['X-Forwarded-For', FORGED_ADDRESS],
      ['X-Real-IP', FORGED_ADDRESS],
    ],
  },
  { title: 'an address that is none (X-Forwarded-For: a)', headers: () => [['X-Forwarded-For', 'a']] },
  {
    title: 'Remote-User and its three siblings',
    headers: () => [
      ['Remote-User', 'forged'],
      ['rEmOtE-gRoUpS', 'admins'],
      ['Remote-Name', 'forged'],
      ['Remote-Email', 'forged@example.com'],
    ],
  },
  {
    title: 'spellings that become Remote-User (Remote_User, Remote.User)',
    headers: () => [
      ['Remote_User', 'forged'],
      ['Remote.User', 'forged'],
    ],
  },
  {
    title: "Connection naming the proxy's own headers, to have them dropped",
    headers: () => [['Connection', ['close', ...everyProxyHeader].join(', ')]],
  },
  {
    title: 'another method (X-HTTP-Method-Override)',
    headers: () => [
      ['X-HTTP-Method-Override', 'OPTIONS'],
      ['X-HTTP-Method', 'OPTIONS'],
      ['X-Method-Override', 'OPTIONS'],
    ],
  },
];
