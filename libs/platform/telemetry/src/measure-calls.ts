import { Counter, Histogram, type Registry } from 'prom-client';

/** One request over the wire as one side saw it. */
export interface MeasuredCall {
  readonly side: 'client' | 'server';
  readonly pattern: string;
  /** `ok` or the code of a fault. */
  readonly outcome: string;
  readonly seconds: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How long requests between services take and which faults they end in, by operation. @returns to be told of each. */
export function measureCalls(registry: Registry): (call: MeasuredCall) => void {
  const registers = [registry];
  const duration = new Histogram({
    name: 'portcullis_rpc_duration_seconds',
    help: 'Requests between services: client, from asking to the answer; server, the time of the work.',
    labelNames: ['side', 'operation'],
    buckets: SECONDS,
    registers,
  });
  const faults = new Counter({
    name: 'portcullis_rpc_faults_total',
    help: 'Requests between services that ended in a fault, by its code.',
    labelNames: ['side', 'operation', 'fault'],
    registers,
  });
  return ({ side, pattern, outcome, seconds }) => {
    duration.observe({ side, operation: pattern }, seconds);
    if (outcome !== 'ok') faults.inc({ side, operation: pattern, fault: outcome });
  };
}
