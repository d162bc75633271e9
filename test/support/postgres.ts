import { type PostgresServer, type PostgresServerOptions, startPostgresServer } from '@portcullis/platform-sql/testing';
import { atEnd } from './lifetime.js';

export interface RunningPostgres extends PostgresServer {
  /** As `storage.postgres` of a configuration wants it: over the port, as a role that owns its database and nothing else. */
  readonly storage: Readonly<Record<'address' | 'database' | 'username' | 'password', string>>;
}

/** A real PostgreSQL in a directory of its own, with a role and a database for Portcullis. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<RunningPostgres> {
  const server = await startPostgresServer(options);
  atEnd({
    end: async () => {
      server.thaw();
      await server.stop();
    },
  });
  const storage = { database: 'gate', username: 'gatekeeper', password: 'the-role-of-the-tests' };
  await server.query(`create role ${storage.username} login password '${storage.password}'`);
  await server.query(`create database ${storage.database} owner ${storage.username}`);
  return { ...server, storage: { address: `tcp://127.0.0.1:${server.port}`, ...storage } };
}
