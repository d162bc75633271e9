/** SQLite under Kysely, with migrations. */
export {};
