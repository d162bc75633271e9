import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Nice 10 for this process, so that on one machine a login storm does not slow the gateway's verify requests. */
export function yieldToGateway(): void {
  for (const thread of threads()) {
    try {
      setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // Not allowed here: then it runs as everything else does.
    }
  }
}

// On Linux niceness belongs to each thread, and those that hash are running by now.
function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
}
