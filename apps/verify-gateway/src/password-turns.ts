import type { identityContract } from '@portcullis/contracts-identity';
import { canonicalBanAddress } from '@portcullis/domain-regulation';
import { type Client, RpcFault } from '@portcullis/platform-rpc';

type Identity = Client<typeof identityContract>;

export interface TurnLimits {
  readonly atOnce: number;
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/**
 * Passwords of one address that are looked at together, and how many more wait for it: what everybody shares is the line of the identity service,
 * which an address must not fill alone. An office behind one address is not held up: its passwords take their places one after the other.
 */
const LIMITS: TurnLimits = { atOnce: 8, maxWaiting: 64, maxWaitMs: 3000 };

/** What costs a hash is asked for in turns, by address: one of IPv6 counts by its /64. */
export function takingTurns(identity: Identity, limits: TurnLimits = LIMITS): Identity {
  const turns = new Turns(limits);
  return {
    ...identity,
    authenticate: (request, options) => turns.run(request.origin.ip, 'authenticate', () => identity.authenticate(request, options)),
    changePassword: (request, options) => turns.run(request.origin.ip, 'changePassword', () => identity.changePassword(request, options)),
    resetPassword: (request, options) => turns.run(request.ip, 'resetPassword', () => identity.resetPassword(request, options)),
  };
}

interface Line {
  busy: number;
  readonly waiting: Set<() => void>;
}

/** So many of one address at a time, so many more in line, none of them for longer than it may; first come, first served. */
class Turns {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly limits: TurnLimits) {}

  async run<Result>(ip: string, operation: string, work: () => Promise<Result>): Promise<Result> {
    const address = canonicalBanAddress(ip) ?? ip;
    const line = this.#lines.get(address) ?? { busy: 0, waiting: new Set<() => void>() };
    this.#lines.set(address, line);
    if (line.busy < this.limits.atOnce) line.busy += 1;
    else await this.#turn(line, operation);
    try {
      return await work();
    } finally {
      this.#leave(address, line);
    }
  }

  #turn({ waiting }: Line, operation: string): Promise<void> {
    const { maxWaiting, maxWaitMs } = this.limits;
    if (waiting.size >= maxWaiting) return Promise.reject(overloaded(operation, `${maxWaiting} wait already`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(enter);
        reject(overloaded(operation, `no turn within ${maxWaitMs} ms`));
      }, maxWaitMs);
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      waiting.add(enter);
    });
  }

  // The place goes to the next in line without ever being free, so that nobody slips in between.
  #leave(address: string, line: Line): void {
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      next();
    } else {
      line.busy -= 1;
      if (line.busy === 0) this.#lines.delete(address);
    }
  }
}

const overloaded = (operation: string, reason: string): RpcFault =>
  new RpcFault('RPC_OVERLOADED', `identity.v1.${operation}`, `too many passwords of one address at once: ${reason}`);
