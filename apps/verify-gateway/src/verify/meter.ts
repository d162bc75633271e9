import { createHotCounter, createHotHistogram, type HotCounter, type HotHistogram, type LabelSet } from '@portcullis/platform-telemetry';
import { type Registry } from 'prom-client';
import { type Endpoint, type Route } from './routes.js';
import { type VerifyResult } from './verify.js';

const RESULTS = ['allowed', 'sign_in', 'challenged', 'forbidden', 'refused', 'unavailable'] as const satisfies readonly VerifyResult[];

/** Counts every verify and how long it took, on typed arrays: no label, no object, no string is made per request. */
export class Meter {
  readonly #seconds: HotHistogram;
  readonly #decisions: HotCounter;
  readonly #slots: Readonly<Record<VerifyResult, number>>;

  /** @param endpoints their `slot` is their index here */
  constructor(registry: Registry, endpoints: readonly Endpoint[]) {
    const labels: LabelSet[] = endpoints.flatMap(({ name }) => RESULTS.map((result) => ({ endpoint: name, outcome: result })));
    this.#slots = Object.fromEntries(RESULTS.map((result, slot) => [result, slot])) as Record<VerifyResult, number>;
    this.#seconds = createHotHistogram({
      registry,
      name: 'portcullis_verify_duration_seconds',
      help: 'Time from the request being read to its answer being written.',
      labels,
    });
    this.#decisions = createHotCounter({
      registry,
      name: 'portcullis_verify_decisions_total',
      help: 'Answers of the authorization endpoints.',
      labels,
    });
  }

  readonly count = (route: Route, result: VerifyResult, startedAt: number): void => {
    const slot = route.endpoint.slot * RESULTS.length + this.#slots[result];
    this.#seconds.observe(slot, (performance.now() - startedAt) / 1000);
    this.#decisions.add(slot);
  };
}
