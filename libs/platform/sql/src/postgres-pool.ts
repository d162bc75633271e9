import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { type ClientBase, Pool, type PoolClient, types } from 'pg';
import { isBroken, openingFault, runtimeFault } from './postgres-fault.js';
import type { PostgresSettings } from './postgres-settings.js';

export interface PoolOptions {
  readonly settings: PostgresSettings;
  /** As `pg_stat_activity` shows it. */
  readonly application: string;
  readonly size: number;
  /** Of a start: statements may take as long as they take, and faults are told in the words of a start. */
  readonly isPatient: boolean;
  /** Once with the fault when the server is away, once with null when it answers again. */
  readonly onAvailability: (fault: Error | null) => void;
  /** On each new connection, before its first use. */
  readonly onConnect: (client: ClientBase) => Promise<void>;
}

/** Behind every statement: what waits for a lock, what runs, and (the last, on our side) what nobody answers ends, in this order. */
const LOCK_MS = 4000;
const STATEMENT_MS = 5000;
const ANSWER_MS = 6000;
/** A process that froze within a transaction holds up the others for no longer. */
const IDLE_IN_TRANSACTION_MS = 8000;
/** A start may have to wait for another's migration. */
const PATIENT_LOCK_MS = 60_000;

type TypeId = Parameters<typeof types.getTypeParser>[0];
type Parser = (text: string) => unknown;
const { INT8, BYTEA } = types.builtins;
const bytesOf = types.getTypeParser(BYTEA) as (text: string) => Buffer;

/** As SQLite gives them: every whole number we keep fits a number, and bytes are bytes. */
const parsers = {
  getTypeParser: (oid: TypeId, format?: 'text' | 'binary'): Parser => {
    if (oid === INT8) return Number;
    if (oid === BYTEA) return (text) => new Uint8Array(bytesOf(text));
    return types.getTypeParser(oid, format) as Parser;
  },
};

/** Connections for Kysely. One that broke is thrown away, so that the next statement gets a new one; the server's absence is a SqlError. */
export function openPool(options: PoolOptions): PostgresPool {
  const { settings, onAvailability, isPatient } = options;
  const pool = new Pool(poolConfig(options));
  // A connection that broke while nobody used it: the next statement makes another.
  pool.on('error', () => undefined);
  const faultOf = isPatient ? openingFault : runtimeFault;
  let isAway = false;
  const failed = (error: unknown): unknown => {
    const fault = faultOf(settings, error);
    if (isBroken(error) && !isAway && fault instanceof Error) onAvailability(fault);
    isAway ||= isBroken(error);
    return fault;
  };
  const answered = (): void => {
    if (isAway) onAvailability(null);
    isAway = false;
  };
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw failed(error);
      });
      return careful(client, answered, failed);
    },
  };
}

/** A text of PostgreSQL cannot hold a NUL, and a try that cannot be written down would be one that does not count. */
const storable = (parameter: unknown): unknown => (typeof parameter === 'string' ? parameter.replaceAll('\0', '\uFFFD') : parameter);

function careful(client: PoolClient, answered: () => void, failed: (error: unknown) => unknown): PostgresPoolClient {
  let broken = false;
  // Between two statements of a transaction nobody awaits what the connection says: without a listener it would end the process.
  const onError = (): void => {
    broken = true;
  };
  client.on('error', onError);
  const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      const result = await client.query(text, parameters.map(storable));
      answered();
      return result;
    } catch (error) {
      broken ||= isBroken(error);
      throw failed(error);
    }
  };
  return {
    // Kysely's other form reads by a cursor, which nobody here does.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => {
      client.off('error', onError);
      client.release(broken || destroy === true);
    },
  };
}

function poolConfig({ settings, application, size, isPatient, onConnect }: PoolOptions) {
  const { host, port, database, schema, username, password, timeoutMs, tls } = settings;
  const patience = isPatient
    ? { lock_timeout: PATIENT_LOCK_MS }
    : {
        lock_timeout: LOCK_MS,
        statement_timeout: STATEMENT_MS,
        query_timeout: ANSWER_MS,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      };
  return {
    host,
    port,
    database,
    user: username,
    // Given even when empty, so that neither variables nor a file of the machine have a say.
    password: password ?? '',
    ssl: tls === undefined ? false : sslOf(tls),
    application_name: application,
    options: `-c search_path=${escapedOption(schema)}`,
    types: parsers,
    max: size,
    connectionTimeoutMillis: timeoutMs,
    // Kept: a connection that is there tells the others that this process is.
    idleTimeoutMillis: 0,
    keepAlive: true,
    onConnect,
    ...patience,
  };
}

function sslOf({ serverName, skipVerify, minVersion, maxVersion, key, cert }: NonNullable<PostgresSettings['tls']>) {
  return {
    rejectUnauthorized: !skipVerify,
    ...(serverName !== undefined && { servername: serverName }),
    minVersion,
    ...(maxVersion !== undefined && { maxVersion }),
    ...(key !== undefined && { key }),
    ...(cert !== undefined && { cert }),
  };
}

/** As an identifier, and then as a word of the options of a start. */
const escapedOption = (schema: string): string => `"${schema.replaceAll('"', '""')}"`.replaceAll(/[\\ ]/gu, String.raw`\$&`);
