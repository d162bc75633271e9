/** Would a verify be answered now? Asked by load balancers at every turn, so it only looks, and never asks anybody. */
export class Readiness {
  #draining = false;
  constructor(private readonly problems: () => readonly string[]) {}

  /** From now on no new traffic, whatever else holds. */
  drain(): void {
    this.#draining = true;
  }

  readonly state = (): { readonly ok: boolean; readonly reasons: readonly string[] } => {
    const reasons = this.#draining ? ['shutting down'] : this.problems();
    return { ok: reasons.length === 0, reasons };
  };
}
