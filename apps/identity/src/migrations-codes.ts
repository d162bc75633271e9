import { type Migration } from '@portcullis/platform-sql';

export type CodeTables = Record<never, never>;

export const migrations: readonly Migration[] = [];
