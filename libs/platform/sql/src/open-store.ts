import type { Kysely } from 'kysely';
import { openPostgres, type OpenPostgresOptions } from './open-postgres.js';
import { openSqlite } from './open-sqlite.js';
import { placeOf, type PostgresSettings } from './postgres-settings.js';

/** Where a store is. */
export type StoreLocation = { readonly kind: 'sqlite'; readonly path: string } | ({ readonly kind: 'postgres' } & PostgresSettings);

/** The store, wherever it is; see `openSqlite` and `openPostgres`. A file needs neither a name for its connections nor a number of them. */
export function openStore<Schema>(location: StoreLocation, options: OpenPostgresOptions): Promise<Kysely<Schema>> {
  return location.kind === 'sqlite' ? openSqlite<Schema>(location.path, options) : openPostgres<Schema>(location, options);
}

/** As messages and logs call it. */
export const describeLocation = (location: StoreLocation): string => (location.kind === 'sqlite' ? location.path : placeOf(location));
