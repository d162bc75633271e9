import { setImmediate as otherWork } from 'node:timers/promises';

/** How long the verifies may be kept waiting at a time. */
const SLICE_MS = 5;

/** Goes through the steps of a generator to what it gives in the end, and lets verifies be answered in between. */
export async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  for (let sinceMs = performance.now(); ;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await otherWork();
    sinceMs = performance.now();
  }
}
