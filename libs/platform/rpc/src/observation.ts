import { RpcFault, type RpcFaultCode } from './fault.js';

/** One request as one side saw it: for metrics. */
export interface ObservedCall {
  /** client: who asked, waiting included; server: who answered, from the handler's start. */
  readonly side: 'client' | 'server';
  readonly pattern: string;
  readonly outcome: 'ok' | RpcFaultCode;
  readonly seconds: number;
}

/** How a trace goes over the wire; in the words of no library. Absent where nobody traces, and then it costs nothing. */
export interface RpcTracing {
  /** Runs what asks; `traceparent` (W3C Trace Context) is to be sent along. */
  call<T>(pattern: string, run: (traceparent: string) => Promise<T>): Promise<T>;
  /** Runs what answers, below the span of who asked. */
  serve<T>(pattern: string, traceparent: string | undefined, run: () => Promise<T>): Promise<T>;
}

export type ObserveCall = (call: ObservedCall) => void;

/** Runs a call and tells how it ended. */
export async function observed<T>(pattern: string, observe: ObserveCall | undefined, run: () => Promise<T>): Promise<T> {
  if (observe === undefined) return run();
  const startedAt = performance.now();
  const tell = (outcome: ObservedCall['outcome']): void => {
    observe({ side: 'client', pattern, outcome, seconds: (performance.now() - startedAt) / 1000 });
  };
  try {
    const reply = await run();
    tell('ok');
    return reply;
  } catch (error) {
    tell(error instanceof RpcFault ? error.code : 'RPC_FAILED');
    throw error;
  }
}
