import type { Letter } from './render-notice.js';

/** A way to bring a letter to a person. */
export interface Delivery {
  /** Whether it would work; rejects with what a person must change. */
  check(): Promise<void>;
  /** `id`: the notice's, the same at each attempt. Resolves when it is there for good; rejects when it is to be tried again. */
  deliver(id: string, letter: Letter): Promise<void>;
  /** How many letters may be under way at once. */
  readonly atOnce: number;
}
