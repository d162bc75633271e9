import { EndingsNotReplayed } from './endings-not-replayed.js';
import type { RedisEpoch } from './redis-epoch.js';

/** For logs and metrics. */
export type EpochEvent =
  | { readonly kind: 'replayed'; readonly ended: number; readonly tookMs: number; readonly epochWasCurrent: boolean }
  /** Told once until it works again. */
  | { readonly kind: 'failing'; readonly error: unknown };

export interface EpochKeeperOptions {
  readonly epoch: Pick<RedisEpoch, 'state' | 'set'>;
  /** Ends what the journal says is dead. @returns how many were alive. */
  readonly replay: () => Promise<number>;
  /** Asked before every check: whether Redis can be spoken to; where not, a new attempt is begun. */
  readonly isConnected: () => boolean;
  readonly onEvent: (event: EpochEvent) => void;
}

const CHECK_EVERY_MS = 200;

/**
 * Sees to it that sessions count only on a Redis on which the endings in force were replayed. It replays on every process it meets, whatever the
 * epoch says: another replica may have set it before an ending of ours was lost with the process before.
 */
export class EpochKeeper {
  readonly #options: EpochKeeperOptions;
  readonly #waiting = new Set<() => void>();
  #replayedOn: string | null = null;
  #owed = false;
  #current = false;
  #failing = false;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;

  constructor(options: EpochKeeperOptions) {
    this.#options = options;
  }

  /** Whether sessions count now, as far as was seen. */
  get current(): boolean {
    return this.#current;
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
    void this.check();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Redis is away. */
  lost(): void {
    this.#current = false;
  }

  /** An ending is in the journal and perhaps not in Redis: replayed as soon as that works. */
  owe(): void {
    this.#owed = true;
  }

  /** Throws EndingsNotReplayed after timeoutMs. */
  ready(timeoutMs: number): Promise<void> {
    if (this.#current) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(done);
        reject(new EndingsNotReplayed());
      }, timeoutMs);
      this.#waiting.add(done);
    });
  }

  /** One at a time; never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<void> {
    if (!this.#options.isConnected()) {
      this.#current = false;
      return;
    }
    try {
      await this.#catchUp();
      this.#failing = false;
    } catch (error) {
      this.#current = false;
      if (!this.#failing) this.#options.onEvent({ kind: 'failing', error });
      this.#failing = true;
    }
  }

  async #catchUp(): Promise<void> {
    const { epoch, replay, onEvent } = this.#options;
    const { runId, epoch: set } = await epoch.state();
    const isSet = set === runId;
    if (!isSet) this.#current = false;
    if (isSet && runId === this.#replayedOn && !this.#owed) {
      this.#becomeCurrent();
      return;
    }
    const beganMs = performance.now();
    const ended = await this.#replay(replay);
    if (!isSet && !(await epoch.set(runId))) return;
    this.#replayedOn = runId;
    onEvent({ kind: 'replayed', ended, tookMs: performance.now() - beganMs, epochWasCurrent: isSet });
    this.#becomeCurrent();
  }

  // One that is owed while the replay runs is seen to by the next.
  async #replay(replay: () => Promise<number>): Promise<number> {
    const owed = this.#owed;
    this.#owed = false;
    try {
      return await replay();
    } catch (error) {
      this.#owed ||= owed;
      throw error;
    }
  }

  #becomeCurrent(): void {
    this.#current = true;
    for (const done of [...this.#waiting]) done();
  }
}
