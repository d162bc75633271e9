import { recycledLocation, stopSharedServer, STORE_KINDS } from '@portcullis/platform-sql/testing';
import type { StoreLocation } from '@portcullis/platform-sql';
import { afterAll, describe } from 'vitest';

let kind: StoreLocation['kind'] = 'sqlite';

/** The rows that migrations make. */
const SEEDS = 'insert into users_version (id, version) values (1, 1)';

/** Where the store of a world in `directory` is: a file, or what the suite runs on now. */
export const locationIn = (directory: string): Promise<StoreLocation> => recycledLocation(kind, directory, SEEDS);

/** Runs suites that were written for a file on a server, each by its own rules. */
export function onPostgres(suites: Readonly<Record<string, () => Promise<unknown>>>): void {
  describe.each(STORE_KINDS.filter((each) => each === 'postgres'))('on %s', (server) => {
    kind = server;
    afterAll(stopSharedServer, 30_000);
    for (const [name, load] of Object.entries(suites)) describe(name, load as () => Promise<void>);
  });
}
