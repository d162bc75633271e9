/**
 * Redis' clock as this process knows it: the only clock that machines share. Learned from the answers of scripts, so that it costs no call of its
 * own; right to half a round trip.
 */
export class RedisClock {
  #offsetMs = 0;

  /** Redis said `redisMs` to a call that was sent at `sentMs` (performance.now()) and answered just now. */
  learn(redisMs: number, sentMs: number): void {
    this.#offsetMs = redisMs - (sentMs + performance.now()) / 2;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Math.round(performance.now() + this.#offsetMs);
  }
}
