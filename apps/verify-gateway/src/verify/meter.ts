import { createHotCounter, createHotHistogram, type HotCounter, type HotHistogram, type LabelSet } from '@portcullis/platform-telemetry';
import type { Registry } from 'prom-client';
import type { Endpoint, Route } from './routes.js';
import type { RefusalReason, VerifyResult } from './verify.js';

const RESULTS = ['allowed', 'challenged', 'forbidden', 'sign_in', 'refused', 'unavailable'] as const satisfies readonly VerifyResult[];
/** The first of them are all there is where a password was checked. */
const WITH_PASSWORD = 3;

/** Complete by its type: a reason without a slot does not compile. */
const REASON_SLOTS: Readonly<Record<RefusalReason, number>> = {
  missing_target: 0,
  missing_method: 1,
  malformed_method: 2,
  malformed_target: 3,
  ambiguous_target: 4,
  insecure_scheme: 5,
  untrusted_peer: 6,
  repeated_header: 7,
  forged_identity_header: 8,
  malformed_address: 9,
  repeated_cookie: 10,
  foreign_host: 11,
  unknown_portal: 12,
  method_not_allowed: 13,
};

/** Counts every verify and how long it took, on typed arrays: no label, no object, no string is made per request. */
export class Meter {
  readonly #seconds: HotHistogram;
  readonly #decisions: HotCounter;
  readonly #refusals: HotCounter;
  readonly #slots: Readonly<Record<VerifyResult, number>>;
  readonly #withPasswordFrom: number;

  /** @param endpoints their `slot` is their index here */
  constructor(registry: Registry, endpoints: readonly Endpoint[]) {
    const labelsOf = (results: readonly VerifyResult[]): LabelSet[] =>
      endpoints.flatMap(({ name }) => results.map((result) => ({ endpoint: name, outcome: result })));
    const labels = labelsOf(RESULTS);
    this.#withPasswordFrom = labels.length;
    this.#slots = Object.fromEntries(RESULTS.map((result, slot) => [result, slot])) as Record<VerifyResult, number>;
    this.#seconds = createHotHistogram({
      registry,
      name: 'portcullis_verify_duration_seconds',
      help: 'Time from the request being read to its answer being written. A verify that checked a password takes a hash longer.',
      labels: [
        ...labels.map((set) => ({ ...set, password: 'none' })),
        ...labelsOf(RESULTS.slice(0, WITH_PASSWORD)).map((set) => ({ ...set, password: 'checked' })),
      ],
    });
    this.#decisions = createHotCounter({
      registry,
      name: 'portcullis_verify_decisions_total',
      help: 'Answers of the authorization endpoints.',
      labels,
    });
    this.#refusals = createHotCounter({
      registry,
      name: 'portcullis_verify_refusals_total',
      help: 'Requests of the authorization endpoints that were not taken, by what is wrong with them.',
      labels: Object.keys(REASON_SLOTS).map((reason) => ({ reason })),
    });
  }

  readonly count = (route: Route, result: VerifyResult, startedAt: number, passwordChecked: boolean): void => {
    const seconds = (performance.now() - startedAt) / 1000;
    const { slot: endpoint } = route.endpoint;
    const outcome = this.#slots[result];
    const slot = endpoint * RESULTS.length + outcome;
    this.#seconds.observe(passwordChecked ? this.#withPasswordFrom + endpoint * WITH_PASSWORD + outcome : slot, seconds);
    this.#decisions.add(slot);
  };

  readonly countRefusal = (reason: RefusalReason): void => {
    this.#refusals.add(REASON_SLOTS[reason]);
  };
}
