import { type Migration } from '@portcullis/platform-sql';

export type NoticeTables = Record<never, never>;

export const migrations: readonly Migration[] = [];
