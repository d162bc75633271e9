import {
  gatewayContract,
  PROBE_ENDING,
  PROBE_HEADER,
  PROBE_LIFE_MS,
  PROBE_PURPOSE,
  probeMark,
  type ProbeSeen,
} from '@portcullis/contracts-portal-api';
import { keyedHash } from '@portcullis/platform-seal';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { askAt, type HeaderPairs, type Place, type Reach } from './doctor-ask.js';
import { openWire } from './services.js';

/** What came of one probe: what the browser was answered, and what reached the gate (null: nothing). */
export interface Probed {
  readonly status: number;
  readonly seen: ProbeSeen | null;
  /** The path that was asked for. */
  readonly path: string;
}

/** Sends probes through a proxy and hears from the gate what reached it. */
export interface Prober {
  /** `forged`: headers that a client has no business to send; `isAbsolute`: the first line holds the whole address. */
  send(forged: HeaderPairs, isAbsolute?: boolean): Promise<Probed>;
  close(): void;
}

/** What the gate saw is mostly here before the proxy's own answer. */
const HEARD_MS = 1500;

/** null where the wire to the gate is not there. */
export async function openProber(files: readonly string[], site: URL, place: Place, reach: Reach): Promise<Prober | null> {
  const wire = await openWire(files);
  if (wire === null) return null;
  const { createRpcEvents } = await import('@portcullis/platform-rpc');
  const heard = new Map<string, ProbeSeen>();
  const waiting = new Map<string, () => void>();
  await createRpcEvents(gatewayContract, wire.connection).on('probeSeen', (seen) => {
    heard.set(seen.id, seen);
    waiting.get(seen.id)?.();
  });
  const sign = keyedHash(wire.secrets[0] ?? '', PROBE_PURPOSE);
  const hear = async (id: string): Promise<ProbeSeen | null> => {
    const stop = new AbortController();
    if (!heard.has(id)) {
      waiting.set(id, () => {
        stop.abort();
      });
      await pause(HEARD_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    return heard.get(id) ?? null;
  };
  return {
    send: async (forged, isAbsolute = false) => {
      const id = randomBytes(16).toString('base64url');
      const mark = probeMark({ id, expiresAtMs: Date.now() + PROBE_LIFE_MS }, sign);
      const path = `${site.pathname.replace(/\/$/u, '')}/.${mark}${PROBE_ENDING}`;
      const { status } = await askAt(
        site,
        place,
        isAbsolute ? `${site.origin}${path}` : path,
        [[PROBE_HEADER, mark], ['Accept', 'text/html'], ...forged],
        reach,
      );
      return { status, seen: await hear(id), path };
    },
    close: () => {
      wire.connection.close();
    },
  };
}
