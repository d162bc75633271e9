/** Logs, metrics, health and request ids: how a process tells people what it does. */
import { type LoggerService } from '@nestjs/common';
import { type Server } from 'node:http';
import { type Registry } from 'prom-client';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';
export type LogValue = string | number | boolean | null | undefined;
/** Printed after the message in insertion order; a value that is undefined is left out. */
export type LogFields = Readonly<Record<string, LogValue>>;

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  /** Ask before building costly fields. */
  enabled(level: LogLevel): boolean;
  /** Closes and opens the log file again (SIGHUP); nothing for standard output. */
  reopen(): void;
  /** Lines lost since the start because the reader or the disk was too slow. */
  dropped(): number;
  /** Resolves when what was logged so far is written, or after deadlineMs (default 1000). */
  flush(deadlineMs?: number): Promise<void>;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Authelia's `log.file_path`, with `%d`, `{datetime}` or `{datetime:<Go layout>}`. Throws when it cannot be opened. */
  readonly filePath?: string | undefined;
  /** With a file: write to standard output as well. */
  readonly keepStdout?: boolean | undefined;
  /** The last field of every line. */
  readonly service: string;
}

export declare function createLogger(options: LoggerOptions): Logger;
export declare function nestLogger(logger: Logger): LoggerService;

/** prom-client registry with process and build metrics. */
export declare function createRegistry(options: { readonly service: string; readonly version: string }): Registry;
/** `log_lines_dropped_total`, read from the logger at each scrape. */
export declare function countLogDrops(registry: Registry, logger: Logger): void;

export type LabelSet = Readonly<Record<string, string>>;
export interface HotHistogram {
  /** slot: index into `labels`. No allocation, no string. */
  observe(slot: number, seconds: number): void;
}
export interface HotCounter {
  add(slot: number, count?: number): void;
}
export interface HotMetricOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  /** Every label set there will ever be; its index is the slot. */
  readonly labels: readonly LabelSet[];
}
/** buckets: upper bounds in seconds, ascending; default `verifyBuckets` (12 from 50 us to 1 s). */
export declare function createHotHistogram(options: HotMetricOptions & { readonly buckets?: readonly number[] }): HotHistogram;
export declare function createHotCounter(options: HotMetricOptions): HotCounter;
export declare const verifyBuckets: readonly number[];

export interface Readiness {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}
export interface ManagementOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  readonly ready: () => Readiness;
  /** Default `/metrics`. */
  readonly metricsPath?: string | undefined;
  /** The key or variable a person changes when the port is taken, for the message. */
  readonly setting: string;
}
export interface Management {
  readonly port: number;
  close(): Promise<void>;
}
/** GET /metrics, /health/live, /health/ready (200 or 503, JSON). Rejects with code EADDRINUSE. */
export declare function startManagement(options: ManagementOptions): Promise<Management>;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
  readonly reusePort?: boolean | undefined;
}
/** Listens; a taken port is an Error with code EADDRINUSE whose message names the port, its holder and the setting. Resolves to the port. */
export declare function listen(server: Server, options: ListenOptions): Promise<number>;

/** 16 URL-safe characters, 96 random bits. */
export declare function newRequestId(): string;
/** Formats like Go's time.Format in the process' time zone, e.g. `3:04:05PM on January 2 2006 (-07:00)`. */
export declare function formatGoTime(layout: string, date: Date): string;
