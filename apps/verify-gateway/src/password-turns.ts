import type { identityContract } from '@portcullis/contracts-identity';
import { canonicalBanAddress } from '@portcullis/domain-regulation';
import { type Client, RpcFault } from '@portcullis/platform-rpc';
import { type SlotLimits, Slots } from '@portcullis/platform-slots';

type Identity = Client<typeof identityContract>;

/**
 * Passwords of one address that are looked at together, and how many more wait for it: what everybody shares is the line of the identity service,
 * which an address must not fill alone. An office behind one address is not held up: its passwords take their places one after the other.
 */
const LIMITS: SlotLimits = { slots: 8, maxWaiting: 64, maxWaitMs: 3000 };

/** What costs a hash is asked for in turns, by address: one of IPv6 counts by its /64. */
export function takingTurns(identity: Identity, limits = LIMITS): Identity {
  const turns = new Turns(limits);
  return {
    ...identity,
    authenticate: (request, options) => turns.run(request.origin.ip, 'authenticate', () => identity.authenticate(request, options)),
    changePassword: (request, options) => turns.run(request.origin.ip, 'changePassword', () => identity.changePassword(request, options)),
    resetPassword: (request, options) => turns.run(request.ip, 'resetPassword', () => identity.resetPassword(request, options)),
  };
}

/** Slots for each address that has something under way. */
class Turns {
  readonly #slots = new Map<string, Slots>();

  constructor(private readonly limits: SlotLimits) {}

  async run<Result>(ip: string, operation: string, work: () => Promise<Result>): Promise<Result> {
    const address = canonicalBanAddress(ip) ?? ip;
    const slots = this.#slots.get(address) ?? new Slots(this.limits);
    this.#slots.set(address, slots);
    try {
      return await slots.run(work, overloaded(operation));
    } finally {
      if (slots.busy === 0) this.#slots.delete(address);
    }
  }
}

const overloaded = (operation: string) => (reason: string) =>
  new RpcFault('RPC_OVERLOADED', `identity.v1.${operation}`, `too many passwords of one address at once: ${reason}`);
