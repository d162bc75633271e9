/**
 * A bounded map by host that keeps what is asked for: when the young half is full it becomes the old half, and what nobody
 * asked for since is forgotten. Names that an attacker makes up neither push out the hosts people use nor fill memory.
 */
export class HostCache<T> {
  readonly #maxWeight: number;
  readonly #weigh: (value: T) => number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  #youngWeight = 0;

  /** `weigh` says what a value costs, in the units of `maxWeight`. */
  constructor(maxWeight: number, weigh: (value: T) => number) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(host: string): T | undefined {
    const young = this.#young.get(host);
    if (young !== undefined) return young;
    const old = this.#old.get(host);
    if (old !== undefined) this.set(host, old);
    return old;
  }

  set(host: string, value: T): void {
    const weight = this.#weigh(value);
    if (this.#youngWeight + weight > this.#maxWeight / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#young.set(host, value);
    this.#youngWeight += weight;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
