import { hostname } from 'node:os';
import type { Readiness } from './management.js';

/** One running process of a service, as it tells about itself. */
export interface InstanceState {
  readonly service: string;
  /** `identity-2` where there are several on a machine, else the service's name. */
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly sinceMs: number;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Of the configuration in force. */
  readonly hash: string;
}

export interface InstanceOptions {
  readonly service: string;
  readonly name: string | undefined;
  readonly version: string;
  readonly hash: () => string;
  readonly ready: () => Readiness;
}

/** Tells at each call how it is now. */
export function describeInstance({ service, name, version, hash, ready }: InstanceOptions): () => InstanceState {
  const fixed = { service, instance: name ?? service, host: hostname(), pid: process.pid, version, sinceMs: Date.now() };
  return () => {
    const { ok, reasons } = ready();
    return { ...fixed, ready: ok, reasons, hash: hash() };
  };
}
