import type { SessionKeys } from '@portcullis/contracts-session';
import { orUnavailable, RedisUnavailable, runScript, type Redis } from '@portcullis/platform-redis';
import { setEpoch } from './set-epoch.lua.js';

export interface EpochState {
  /** Of the process that answers. */
  readonly runId: string;
  /** The `run_id` of the process the endings were last replayed on, as it lies in Redis; null after a flush. */
  readonly epoch: string | null;
}

/** The epoch key, and the identity of the Redis behind the connection. */
export class RedisEpoch {
  constructor(
    private readonly redis: Redis,
    private readonly keys: Pick<SessionKeys, 'epoch'>,
  ) {}

  async state(): Promise<EpochState> {
    const [info, epoch] = await orUnavailable(Promise.all([this.redis.info('server'), this.redis.get(this.keys.epoch)]));
    const runId = /^run_id:(\w+)/m.exec(info)?.[1];
    if (runId === undefined) throw new RedisUnavailable('INFO does not name a run_id');
    return { runId, epoch };
  }

  /** False where another process answers by now. */
  async set(runId: string): Promise<boolean> {
    return (await runScript(this.redis, setEpoch, [this.keys.epoch], [runId])) === 1;
  }
}
