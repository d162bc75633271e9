import { DatabaseError } from 'pg';
import { placeOf, type PostgresSettings, serverOf } from './postgres-settings.js';
import { SqlError } from './sql-error.js';

/** Classes and codes of a server that is away, starting, full or ending. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY = /^(?:08|57P|53)/u;
/** A lock that was waited for too long, a statement that took too long. */
const TOO_SLOW = ['55P03', '57014'];

/** Whether the connection is of no use any more: everything but a statement that the server refused. */
export const isBroken = (error: unknown): boolean => !(error instanceof DatabaseError) || error.severity === 'FATAL' || AWAY.test(error.code ?? '');

/** What a statement met: a fault of ours where the server is away or too slow, else what it said. */
export function runtimeFault(settings: PostgresSettings, error: unknown): unknown {
  if (error instanceof SqlError) return error;
  if (isBroken(error)) return unavailable(settings, error);
  if (error instanceof DatabaseError && TOO_SLOW.includes(error.code ?? '')) {
    return new SqlError('SQL_UNAVAILABLE', `${serverOf(settings)} took too long: ${error.message}`, { cause: error });
  }
  return error;
}

/** What kept the store from being opened, in words a person can act on. */
export function openingFault(settings: PostgresSettings, cause: unknown): SqlError {
  if (cause instanceof SqlError) return cause;
  const { username, database, schema } = settings;
  const server = serverOf(settings);
  const code = cause instanceof DatabaseError ? cause.code : undefined;
  switch (code) {
    case '28P01':
    case '28000':
      return new SqlError(
        'SQL_ACCESS_DENIED',
        `${server} does not let '${username}' in: ${reasonOf(cause)}. Check storage.postgres.username and password`,
        { cause },
      );
    case '3D000':
      return new SqlError('SQL_NO_DATABASE', `${server} has no database '${database}': make it with  createdb --owner=${username} ${database}`, {
        cause,
      });
    case '42501':
      return new SqlError(
        'SQL_NO_RIGHT',
        `${server}: ${reasonOf(cause)}. Let its administrator say in the database '${database}':  create schema if not exists "${schema}" authorization "${username}"`,
        { cause },
      );
    case '25006':
      return new SqlError('SQL_UNAVAILABLE', `${server} is a standby, which nothing can be written to: name the primary`, { cause });
    default:
      if (isBroken(cause)) return unavailable(settings, cause);
      return new SqlError('SQL_UNAVAILABLE', `${placeOf(settings)} cannot be used: ${reasonOf(cause)}`, { cause });
  }
}

/** The server took away the schema that every connection asks for, or may not use it. */
export const noSchema = (settings: PostgresSettings): SqlError =>
  new SqlError(
    'SQL_NO_RIGHT',
    `${placeOf(settings)} cannot be used: either '${settings.username}' has no right on it (grant all on schema "${settings.schema}" to "${settings.username}"), ` +
      'or a pooler in between drops what a connection begins with (connect to the server itself, or through a pooler in session mode)',
  );

function unavailable(settings: PostgresSettings, cause: unknown): SqlError {
  const hint = isUntrusted(cause) ? '. Name the authority of its certificate in the variable NODE_EXTRA_CA_CERTS' : '';
  return new SqlError('SQL_UNAVAILABLE', `${serverOf(settings)} does not answer: ${reasonOf(cause)}${hint}`, { cause });
}

const isUntrusted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /SELF_SIGNED|UNABLE_TO_|CERT_/u.test(String(error.code));

/** An error of several addresses has no words of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
