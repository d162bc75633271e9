import type { SessionKeys } from '@portcullis/contracts-session';
import type { Redis } from '@portcullis/platform-redis';

const FLUSH_EVERY_MS = 1000;
const MAX_PENDING = 100_000;
/** Redis answers nobody else while it takes one command. */
const MAX_IN_ONE_COMMAND = 1000;

/** When people were last seen, handed to Redis in one batch a second: never by the verify itself, never in the session's record. */
export class LastSeen {
  readonly #pending = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly keys: Pick<SessionKeys, 'seen'>,
    private readonly onLost: (error: unknown) => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
  }

  note(hash: string, atMs: number): void {
    if (this.#pending.size < MAX_PENDING) this.#pending.set(hash, atMs);
  }

  /** What cannot be written stays for the next second. */
  async flush(): Promise<void> {
    const batch = [...this.#pending];
    this.#pending.clear();
    for (let i = 0; i < batch.length; i += MAX_IN_ONE_COMMAND) {
      try {
        await this.redis.zadd(this.keys.seen, 'GT', ...batch.slice(i, i + MAX_IN_ONE_COMMAND).flatMap(([hash, atMs]) => [atMs, hash]));
      } catch (error) {
        for (const [hash, atMs] of batch.slice(i)) if (!this.#pending.has(hash)) this.note(hash, atMs);
        this.onLost(error);
        return;
      }
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
