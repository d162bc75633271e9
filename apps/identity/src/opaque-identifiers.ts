import type { identityAdminContract, OpaqueIdentifier } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import type { OpaqueIdentifierTable } from './migrations-identifiers.js';

type Admin = Handlers<typeof identityAdminContract>;
type AddRequest = Parameters<Admin['addIdentifiers']>[0];
type Wish = AddRequest['identifiers'][number];

/** The names under which applications know people, kept so that an installation that comes with some finds them again. */
export class OpaqueIdentifiers {
  constructor(private readonly db: Database) {}

  async list(): Promise<OpaqueIdentifier[]> {
    const rows = await this.db
      .selectFrom('user_opaque_identifiers')
      .selectAll()
      .orderBy('service')
      .orderBy('sector_id')
      .orderBy('username')
      .execute();
    return rows.map(asIdentifier);
  }

  /** All of them or none. `identifier` null: a new one; what is there as it is wished is left as it is. */
  add({ identifiers, onConflict }: AddRequest): ReturnType<Admin['addIdentifiers']> {
    return inTransaction(this.db, async (trx) => {
      const conflicts: OpaqueIdentifier[] = [];
      const added: OpaqueIdentifier[] = [];
      for (const wish of identifiers) {
        const there = await find(trx, wish);
        const differs = there !== undefined && wish.identifier !== there.identifier;
        if (there !== undefined && (!differs || onConflict === 'keep')) continue;
        const taken = differs && onConflict === 'refuse' ? there : await ownerOf(trx, wish);
        if (taken !== undefined) conflicts.push(asIdentifier(taken));
        else added.push({ ...wish, identifier: wish.identifier ?? randomUUID() });
      }
      if (conflicts.length > 0) return { outcome: 'conflict', conflicts };
      for (const identifier of added) await store(trx, identifier);
      return { outcome: 'added', added, unchanged: identifiers.length - added.length };
    });
  }
}

const asIdentifier = ({ service, sector_id, username, identifier }: OpaqueIdentifierTable): OpaqueIdentifier => ({
  service,
  sectorId: sector_id,
  username,
  identifier,
});

const find = (trx: Database, { service, sectorId, username }: Wish): Promise<OpaqueIdentifierTable | undefined> =>
  trx
    .selectFrom('user_opaque_identifiers')
    .selectAll()
    .where('service', '=', service)
    .where('sector_id', '=', sectorId)
    .where('username', '=', username)
    .executeTakeFirst();

/** Who else is known by that identifier. */
async function ownerOf(trx: Database, { identifier }: Wish): Promise<OpaqueIdentifierTable | undefined> {
  if (identifier === null) return undefined;
  return trx.selectFrom('user_opaque_identifiers').selectAll().where('identifier', '=', identifier).executeTakeFirst();
}

async function store(trx: Database, { service, sectorId, username, identifier }: OpaqueIdentifier): Promise<void> {
  await trx
    .insertInto('user_opaque_identifiers')
    .values({ service, sector_id: sectorId, username, identifier })
    .onConflict((conflict) => conflict.columns(['service', 'sector_id', 'username']).doUpdateSet({ identifier }))
    .execute();
}
