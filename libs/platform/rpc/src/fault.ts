import type { z } from 'zod';

const CODES = ['RPC_TIMEOUT', 'RPC_NO_REPLICA', 'RPC_UNAVAILABLE', 'RPC_OVERLOADED', 'RPC_BAD_REQUEST', 'RPC_BAD_REPLY', 'RPC_FAILED'] as const;

/**
 * RPC_TIMEOUT: no answer in time. RPC_NO_REPLICA: nobody alive serves it. RPC_UNAVAILABLE: Redis is away, or went away while the answer was awaited.
 * RPC_OVERLOADED: the lane is full, or the request waited too long for a place. RPC_BAD_REQUEST, RPC_BAD_REPLY: not what the contract says.
 * RPC_FAILED: the handler threw. After NO_REPLICA, OVERLOADED and BAD_REQUEST nothing was done; after any other something may have been.
 */
export type RpcFaultCode = (typeof CODES)[number];

export class RpcFault extends Error {
  override readonly name = 'RpcFault';

  constructor(
    readonly code: RpcFaultCode,
    /** The operation asked for, `session.v1.read`. */
    readonly pattern: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${pattern}: ${message}`, options);
  }
}

export const isFaultCode = (text: string): text is RpcFaultCode => (CODES as readonly string[]).includes(text);

/** Where a value is not what the schema says, without the value itself. */
export const mismatch = ({ issues }: z.ZodError): string => issues.map(({ path, code }) => `${path.join('.') || 'value'}: ${code}`).join(', ');
