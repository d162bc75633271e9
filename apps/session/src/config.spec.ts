import { expect, it } from 'vitest';
import { journalBeside } from './config.js';

it.each([
  ['/config/db.sqlite3', '/config/db.sessions.sqlite3'],
  ['/config/portcullis.sqlite3', '/config/portcullis.sessions.sqlite3'],
  ['/config/database', '/config/database.sessions'],
  ['/a.b/db', '/a.b/db.sessions'],
])('keeps the endings beside %s in %s', (storage, journal) => {
  expect(journalBeside({ kind: 'sqlite', path: storage })).toEqual({ kind: 'sqlite', path: journal });
});

it('keeps the endings in a schema of their own beside that of the store', () => {
  const server = { kind: 'postgres', host: 'db', port: 5432, database: 'gate', username: 'gate', timeoutMs: 5000 } as const;
  expect(journalBeside({ ...server, schema: 'portcullis' })).toEqual({ ...server, schema: 'portcullis_sessions' });
});
