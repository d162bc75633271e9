/** Makes the error of whoever finds no slot; the reason is for people. */
export type Refuse = (reason: string) => Error;

export interface SlotLimits {
  readonly slots: number;
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** So many at work at a time, so many more in line, none of them for longer than it may; first come, first served. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #line = new Set<() => void>();
  #busy = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#line.size;
  }

  async run<Result>(work: () => Promise<Result>, refuse: Refuse): Promise<Result> {
    if (this.#busy < this.#limits.slots) this.#busy += 1;
    else await this.#turn(refuse);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #turn(refuse: Refuse): Promise<void> {
    const { maxWaiting, maxWaitMs } = this.#limits;
    if (this.#line.size >= maxWaiting) return Promise.reject(refuse(`${maxWaiting} wait already`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#line.delete(enter);
        reject(refuse(`no slot within ${maxWaitMs} ms`));
      }, maxWaitMs);
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#line.add(enter);
    });
  }

  // The slot goes to the next in line without ever being free, so that nobody slips in between.
  #leave(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#busy -= 1;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
