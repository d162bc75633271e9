import { type EndReason, SESSION_SEAL_PURPOSE, sessionKeysUnder, type SessionRecord } from '@portcullis/contracts-session';
import { connectRedis, type Redis, waitUntilReady } from '@portcullis/platform-redis';
import { eventually, startRedisServer, type RedisServer } from '@portcullis/platform-redis/testing';
import { createKeyRing } from '@portcullis/platform-seal';
import type { Logger } from '@portcullis/platform-telemetry';
import { hash } from 'node:crypto';
import type { LiveSession } from './live-session.js';
import type { SessionDomain } from './session-gate.js';
import { type Sessions, sessionsOf } from './sessions.js';

export const DOMAIN: SessionDomain = { domain: 'example.com', inactivityMs: 1_800_000 };
export const hashOf = (id: string): string => hash('sha256', id, 'base64url');
export const KEYS = sessionKeysUnder('portcullis:');
const keyOf = (id: string): string => KEYS.session(hashOf(id));

export const recordOf = (username: string, change: Partial<SessionRecord> = {}): SessionRecord => ({
  v: 1,
  handle: `handle of ${username}`,
  profile: { username, displayName: username, emails: [], groups: [] },
  domain: 'example.com',
  remembered: false,
  createdAtMs: Date.now(),
  issuedAtMs: Date.now(),
  expiresAtMs: Date.now() + 3_600_000,
  passwordAtMs: Date.now(),
  totpAtMs: null,
  elevation: null,
  device: { ip: '192.0.2.7', userAgent: '' },
  ...change,
});

/** What a gate was heard to say. */
export class HeardLog {
  readonly lines: string[] = [];
  readonly #hear = (message: string, fields: object = {}): void => {
    this.lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  readonly logger = { error: this.#hear, warn: this.#hear, info: this.#hear, debug: this.#hear, trace: this.#hear } as unknown as Logger;
}

/** A gate's view of sessions on a real Redis, and somebody beside it who changes what lies there. */
export class GateWorld {
  readonly log = new HeardLog();
  readonly ended: [string, EndReason][] = [];
  /** Seconds. */
  readonly lags: number[] = [];
  #extra: Redis[] = [];

  private constructor(
    readonly server: RedisServer,
    readonly reader: Redis,
    readonly channel: Redis,
    readonly keys = createKeyRing(['the secret of the tests'], SESSION_SEAL_PURPOSE),
  ) {}

  sessions!: Sessions;
  /** How far the gate's clock has been put forward. */
  laterMs = 0;

  /** @param channelServer where invalidations come from, if not from where sessions are read */
  static async open(server: RedisServer, channelServer = server, serveCached = false): Promise<GateWorld> {
    const reader = connectRedis(server.settings, { name: 'reader', role: 'commands' });
    const channel = connectRedis(channelServer.settings, { name: 'channel', role: 'subscriber', protocol: 2 });
    const world = new GateWorld(server, reader, channel);
    world.sessions = sessionsOf({
      reader,
      channel,
      ring: world.keys,
      keys: KEYS,
      session: {
        end: ({ id, reason }) => {
          world.ended.push([id, reason]);
          return Promise.resolve({ outcome: 'ended', existed: true });
        },
      },
      logger: world.log.logger,
      onLag: (seconds) => world.lags.push(seconds),
      now: () => Date.now() + world.laterMs,
      serveCached,
    });
    await waitUntilReady(reader, 10_000);
    await waitUntilReady(channel, 10_000);
    return world;
  }

  /** With the epoch set: sessions are served from memory. */
  static async coherent(serveCached = false): Promise<GateWorld> {
    const server = await startRedisServer();
    const world = await GateWorld.open(server, server, serveCached);
    await world.setEpoch();
    await world.untilCoherent();
    return world;
  }

  /** A connection of somebody else's, new: it has nothing to do with the gate's own. */
  async beside(): Promise<Redis> {
    const redis = connectRedis(this.server.settings, { name: 'beside', role: 'commands' });
    this.#extra.push(redis);
    await waitUntilReady(redis, 10_000);
    return redis;
  }

  async setEpoch(epoch?: string): Promise<void> {
    const redis = await this.beside();
    await redis.set(KEYS.epoch, epoch ?? (await runIdOf(redis)));
  }

  async write(id: string, record: SessionRecord): Promise<void> {
    const redis = await this.beside();
    await redis.set(keyOf(id), this.keys.seal(Buffer.from(JSON.stringify(record)), keyOf(id)), 'PXAT', record.expiresAtMs);
  }

  async remove(id: string): Promise<void> {
    await (await this.beside()).del(keyOf(id));
  }

  readonly find = (id: string): LiveSession | null | Promise<LiveSession | null> => this.sessions.gate.find(id, DOMAIN, Date.now() + this.laterMs);

  /** Whose session it is, `nobody`, or `unavailable` where that cannot be told. */
  readonly whose = async (id: string): Promise<string> => {
    try {
      return (await this.find(id))?.subject.username ?? 'nobody';
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'SESSIONS_UNAVAILABLE' ? 'unavailable' : String(error);
    }
  };

  /** Is it answered without a word to Redis? */
  readonly isRemembered = (id: string): boolean => {
    const found = this.find(id);
    if (!(found instanceof Promise)) return true;
    found.catch(() => undefined);
    return false;
  };

  /** Asks until it is in memory. */
  async remember(id: string): Promise<void> {
    await eventually(`${id} is remembered`, async () => (await this.whose(id)) !== 'unavailable' && this.isRemembered(id));
  }

  /** By what it says of it: what it is ready for may be more. */
  isCoherent = (): boolean =>
    this.log.lines.findLast((line) => line.startsWith('Sessions are'))?.startsWith('Sessions are served from memory') === true;
  untilCoherent = (): Promise<unknown> => eventually('the cache is coherent', () => this.isCoherent());
  untilClosed = (): Promise<unknown> => eventually('the cache is closed', () => !this.isCoherent());

  async close(): Promise<void> {
    this.server.thaw();
    for (const redis of this.#extra) redis.disconnect();
    await this.sessions.stop();
    this.reader.disconnect();
    this.channel.disconnect();
    await this.server.stop();
  }
}

export async function runIdOf(redis: Redis): Promise<string> {
  return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? '';
}
