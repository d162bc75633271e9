import type { z, ZodType } from 'zod';

export interface Operation {
  /** Operations of one lane share its places; a full lane leaves the others alone. */
  readonly lane: string;
  /** From the call to the answer. */
  readonly timeoutMs: number;
  readonly request: ZodType;
  readonly reply: ZodType;
}

/**
 * What a service answers. Patterns are `<service>.v<version>.<operation>`. Both sides parse, so schemas must accept what they produce (no one-way
 * transforms), and plain objects: a field one side does not know is dropped, never refused.
 */
export interface Contract {
  readonly service: string;
  readonly version: number;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly events?: Readonly<Record<string, ZodType>>;
}

/** What a handler is told besides its request. */
export interface RpcContext {
  /** The same in the logs of every service that took part. */
  readonly requestId: string;
  /** The service that asks. */
  readonly sender: string;
  /** What is left of the requester's time when the handler starts; a later answer is not heard. */
  readonly deadlineMs: number;
}

export interface CallOptions {
  /** Carried to the handler's context; absent: that of the request that is being answered, or one that is made up. */
  readonly requestId?: string | undefined;
  /** Shortens the operation's own timeout, never lengthens it. */
  readonly timeoutMs?: number | undefined;
}

/** Each call ends within its timeout, with the reply or an RpcFault. */
export type Client<C extends Contract> = {
  readonly [K in keyof C['operations']]: (
    request: z.input<C['operations'][K]['request']>,
    options?: CallOptions,
  ) => Promise<z.output<C['operations'][K]['reply']>>;
};

/** A class that misses an operation of the contract does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['operations']]: (
    request: z.output<C['operations'][K]['request']>,
    context: RpcContext,
  ) => Promise<z.input<C['operations'][K]['reply']>>;
};

/** `session.v1.read`: of an operation or an event. */
export const patternOf = ({ service, version }: Contract, name: string): string => `${service}.v${version}.${name}`;
