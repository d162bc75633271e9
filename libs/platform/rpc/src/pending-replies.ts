import { splitId } from './envelope.js';

interface Waiting {
  resolve(sealed: Buffer): void;
  reject(reason: Error): void;
}

/** Who waits for which reply. A reply nobody waits for (late, replayed or made up) is dropped. */
export class PendingReplies {
  readonly #waiting = new Map<string, Waiting>();

  /** The first reply to the request `id` that `open` accepts; always pair it with forget(id). `open` gives undefined for one that is not genuine. */
  expect<T>(id: string, open: (sealed: Buffer) => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // It may fail before anyone awaits it.
    promise.catch(() => undefined);
    this.#waiting.set(id, {
      resolve: (sealed) => {
        const reply = open(sealed);
        if (reply !== undefined) resolve(reply);
      },
      reject,
    });
    return promise;
  }

  forget(id: string): void {
    this.#waiting.delete(id);
  }

  deliver(message: Buffer): void {
    const { id, sealed } = splitId(message);
    this.#waiting.get(id)?.resolve(sealed);
  }

  failAll(reason: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }
}
