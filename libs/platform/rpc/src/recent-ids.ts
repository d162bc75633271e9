/** The message ids of the last while: two halves, of which the older is thrown away in turn. */
export class RecentIds {
  #young = new Set<string>();
  #old = new Set<string>();
  #turnsAtMs: number;

  /** An id is remembered for `keepMs` at least and twice that at most. */
  constructor(
    private readonly keepMs: number,
    nowMs: number,
  ) {
    this.#turnsAtMs = nowMs + keepMs;
  }

  /** false where the id was added before. */
  add(id: string, nowMs: number): boolean {
    if (nowMs >= this.#turnsAtMs) {
      this.#old = nowMs >= this.#turnsAtMs + this.keepMs ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnsAtMs = nowMs + this.keepMs;
    }
    if (this.#young.has(id) || this.#old.has(id)) return false;
    this.#young.add(id);
    return true;
  }
}
