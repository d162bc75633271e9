const MOST = 10_000;

/** The notices this process delivered last: one that comes again, because the queue was emptied meanwhile, is not delivered twice. */
export class DeliveredIds {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > MOST && oldest !== undefined) this.#ids.delete(oldest);
  }
}
