import { sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

/** The name under which an application knows a person (OpenID Connect `sub`), kept for as long as the application does. */
export interface OpaqueIdentifierTable {
  service: 'openid';
  /** The sector of a pairwise identifier; empty for a public one. */
  sector_id: string;
  username: string;
  /** A UUID, version 4. */
  identifier: string;
}

export interface IdentifierTables {
  user_opaque_identifiers: OpaqueIdentifierTable;
}

const identifiers: Migration = {
  name: 'identifiers-001-opaque',
  expands: true,
  up: async (db, { text, strictByKey }) => {
    await sql`create table user_opaque_identifiers (
      service ${text} not null, sector_id ${text} not null, username ${text} not null, identifier ${text} not null unique, primary key (service, sector_id, username)
    ) ${strictByKey}`.execute(db);
  },
};

export const migrations: readonly Migration[] = [identifiers];
