import { type EndReason, type Profile, type SessionRecord, sessionKeysUnder } from '@portcullis/contracts-session';
import { connectRedis, waitUntilReady, type Redis } from '@portcullis/platform-redis';
import { eventually, startRedisServer, type RedisServer, type RedisServerOptions } from '@portcullis/platform-redis/testing';
import type { RpcContext } from '@portcullis/platform-rpc';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StoreLocation } from '@portcullis/platform-sql';
import { locationIn } from './store-kind.fixture.js';
import { EndingsJournal } from './endings-journal.js';
import { EpochKeeper } from './epoch-keeper.js';
import { RedisEpoch } from './redis-epoch.js';
import { RedisSessionStore } from './redis-session-store.js';
import { replayEndings } from './replay-endings.js';
import { SealedRecords } from './sealed-records.js';
import { hashOf } from './session-id.js';
import type { SessionParts } from './session-parts.js';
import { SessionController } from './session.controller.js';

export const HOUR_MS = 3_600_000;
export const KEYS = sessionKeysUnder('portcullis:');
export const ASKED: RpcContext = { requestId: 'a test', sender: 'verify-gateway', deadlineMs: 3000 };
export const DEVICE = { ip: '192.0.2.7', userAgent: 'a browser' };

export const profileOf = (username: string, groups: readonly string[] = []): Profile => ({
  username,
  displayName: `${username}'s name`,
  emails: [`${username}@example.com`],
  groups: [...groups],
});

export const recordOf = (username: string, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  v: 1,
  handle: `handle of ${username}`,
  profile: profileOf(username),
  domain: 'example.com',
  remembered: false,
  createdAtMs: Date.now(),
  issuedAtMs: Date.now(),
  expiresAtMs: Date.now() + HOUR_MS,
  passwordAtMs: Date.now(),
  totpAtMs: null,
  elevation: null,
  device: DEVICE,
  ...changes,
});

/** A session service without its process: on a real Redis and a real journal. */
export class Replica {
  readonly created: { count: number } = { count: 0 };
  readonly ended = new Map<EndReason, number>();
  readonly controller: SessionController;

  private constructor(
    readonly redis: Redis,
    readonly records: SealedRecords,
    readonly store: RedisSessionStore,
    readonly journal: EndingsJournal,
    readonly keeper: EpochKeeper,
    readonly parts: SessionParts,
  ) {
    this.controller = new SessionController(parts);
  }

  static async start({ server, location, clock }: World): Promise<Replica> {
    const redis = connectRedis(server.settings, { name: 'session-test', role: 'commands' });
    redis.on('close', () => {
      keeper.lost();
    });
    const journal = await EndingsJournal.open(location, clock.now);
    const records = new SealedRecords(KEYS, ['the secret of the tests'], () => undefined);
    const store = new RedisSessionStore(redis, KEYS, records);
    const keeper = new EpochKeeper({
      epoch: new RedisEpoch(redis, KEYS),
      replay: () => replayEndings(store, journal),
      isConnected: () => redis.status === 'ready',
      onEvent: () => undefined,
    });
    const counts = {
      created: (): void => {
        replica.created.count += 1;
      },
      ended: (reason: EndReason, count: number): void => {
        replica.ended.set(reason, (replica.ended.get(reason) ?? 0) + count);
      },
    };
    const parts: SessionParts = { store, journal, keeper, counts, log: SILENT, now: clock.now, domains: DOMAINS, longestLifetimeMs: 720 * HOUR_MS };
    const replica: Replica = new Replica(redis, records, store, journal, keeper, parts);
    await waitUntilReady(redis, 10_000);
    keeper.start();
    await replica.untilCurrent();
    return replica;
  }

  async untilCurrent(): Promise<void> {
    await eventually('the endings are replayed', () => this.keeper.current);
  }

  /** Signs in, and gives the id. */
  async signIn(
    username: string,
    changes: { readonly remember?: boolean; readonly replaces?: string; readonly groups?: string[] } = {},
  ): Promise<string> {
    const { remember = false, replaces = null, groups = [] } = changes;
    const created = await this.controller.create(
      { profile: profileOf(username, groups), domain: 'example.com', remember, device: DEVICE, replaces },
      ASKED,
    );
    if (created.outcome !== 'created') throw new Error(created.outcome);
    return created.id;
  }

  /** The record behind an id, or null. */
  async recordOf(id: string): Promise<SessionRecord | null> {
    const read = await this.controller.read({ id });
    return read.outcome === 'live' ? read.record : null;
  }

  async isLive(id: string): Promise<boolean> {
    return (await this.recordOf(id)) !== null;
  }

  /** Whatever lies in Redis, replayed or not. */
  async isInRedis(id: string): Promise<boolean> {
    return (await this.store.peek(hashOf(id))) !== null;
  }

  async raise(id: string): Promise<string> {
    const raised = await this.controller.raise({ id, factor: 'totp' }, ASKED);
    if (raised.outcome !== 'rotated') throw new Error(raised.outcome);
    return raised.id;
  }

  async stop(): Promise<void> {
    await this.keeper.stop();
    this.redis.disconnect();
    await this.journal.close();
  }
}

const SILENT = { info: () => undefined, debug: () => undefined };
const DOMAINS = new Map([
  ['example.com', { expirationMs: HOUR_MS, inactivityMs: HOUR_MS / 4, rememberMeMs: 720 * HOUR_MS }],
  ['example.org', { expirationMs: 2 * HOUR_MS, inactivityMs: HOUR_MS / 4, rememberMeMs: null }],
]);

/** Milliseconds that pass as they do, and can be made to pass at once. */
export class Clock {
  #aheadMs = 0;
  readonly now = (): number => Date.now() + this.#aheadMs;
  pass(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** A Redis, a directory for the journal, and the replicas on both. */
export class World {
  readonly clock = new Clock();
  readonly #replicas: Replica[] = [];
  private constructor(
    readonly server: RedisServer,
    readonly directory: string,
    readonly location: StoreLocation,
  ) {}

  static async open(options: RedisServerOptions = {}): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), 'session-'));
    return new World(await startRedisServer(options), directory, await locationIn(directory));
  }

  /** Where Redis keeps its files. */
  get redisDirectory(): string {
    return dirname(this.server.settings.path ?? '');
  }

  async replica(): Promise<Replica> {
    const replica = await Replica.start(this);
    this.#replicas.push(replica);
    return replica;
  }

  async close(): Promise<void> {
    for (const replica of this.#replicas) await replica.stop();
    await this.server.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
