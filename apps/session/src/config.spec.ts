import { expect, it } from 'vitest';
import { journalPath } from './config.js';

it.each([
  ['/config/db.sqlite3', '/config/db.sessions.sqlite3'],
  ['/config/portcullis.sqlite3', '/config/portcullis.sessions.sqlite3'],
  ['/config/database', '/config/database.sessions'],
  ['/a.b/db', '/a.b/db.sessions'],
])('keeps the endings beside %s in %s', (storage, journal) => {
  expect(journalPath(storage)).toBe(journal);
});
