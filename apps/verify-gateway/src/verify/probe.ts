import { PROBE_MARK, PROBE_PURPOSE, type ProbeSeen, readProbe } from '@portcullis/contracts-portal-api';
import { keyedHash } from '@portcullis/platform-seal';
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Route } from './routes.js';

/** A request that was refused, and what was known of it by then. */
export interface Refused {
  readonly req: IncomingMessage;
  readonly route: Route;
  readonly reason: string;
  readonly ip: string | null;
}

/** Headers that say where a request goes, where it comes from and who asks. */
const TOLD = /^(?:host|connection|forwarded|via|x-(?:forwarded|original|real|http-method|method|authelia)[\w-]*|remote[-_.\w]*|session-username)$/iu;
const MOST_HEADERS = 64;
const LONGEST_VALUE = 512;
const MOST_IDS = 1000;

/**
 * Tells whether a refused request is a probe of `portcullis doctor` (contracts/portal-api, probe.ts), and hands over what was seen of it, once a
 * probe. Asked where a request is refused, never for one that is answered.
 * @param secrets of the wire: who signs is who may listen
 */
export function probeLook(secrets: readonly string[], tell: (seen: ProbeSeen) => void, now: () => number): (refused: Refused) => boolean {
  const signers = secrets.map((secret) => keyedHash(secret, PROBE_PURPOSE));
  const isSigned = (text: string, signature: string): boolean =>
    signers.some((sign) => timingSafeEqual(Buffer.from(sign(text)), Buffer.from(signature)));
  const answered = new Set<string>();
  return (refused) => {
    const marked = markedText(refused.req);
    const probe = marked === undefined ? null : readProbe(marked, now(), isSigned);
    if (probe === null || answered.has(probe.id)) return false;
    if (answered.size >= MOST_IDS) answered.clear();
    answered.add(probe.id);
    tell(whatWasSeen(probe.id, refused));
    return true;
  };
}

const markedText = ({ url = '', rawHeaders }: IncomingMessage): string | undefined => [url, ...rawHeaders].find((text) => text.includes(PROBE_MARK));

function whatWasSeen(id: string, { req, route, reason, ip }: Refused): ProbeSeen {
  const { rawHeaders } = req;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length && headers.length < MOST_HEADERS; i += 2) {
    const name = rawHeaders[i] as string;
    if (TOLD.test(name)) headers.push([name, (rawHeaders[i + 1] as string).slice(0, LONGEST_VALUE)]);
  }
  const { name: endpoint, dialect } = route.endpoint;
  return {
    ...{ id, endpoint, implementation: dialect.implementation, reason, method: req.method ?? '', url: (req.url ?? '').slice(0, LONGEST_VALUE) },
    ...{ peer: req.socket.remoteAddress ?? null, ip, headers },
  };
}
