import type { Database } from './database.js';

export interface PreferredMethodOptions {
  readonly db: Database;
  /** The second factors that are built and configured, the default one first. */
  readonly available: readonly string[];
}

/** Which second factor a user is asked for first (reference 4.4). */
export class PreferredMethod {
  readonly #options: PreferredMethodOptions;

  constructor(options: PreferredMethodOptions) {
    this.#options = options;
  }

  /** The stored one while it is available, else the default; '' where there is none. */
  async of(username: string): Promise<string> {
    const { db, available } = this.#options;
    const row = await db.selectFrom('user_preferences').select('second_factor_method').where('username', '=', username).executeTakeFirst();
    return row !== undefined && available.includes(row.second_factor_method) ? row.second_factor_method : (available[0] ?? '');
  }

  /** False: not an available method, and nothing changed. */
  async set(username: string, method: string): Promise<boolean> {
    const { db, available } = this.#options;
    if (!available.includes(method)) return false;
    await db
      .insertInto('user_preferences')
      .values({ username, second_factor_method: method })
      .onConflict((conflict) => conflict.column('username').doUpdateSet({ second_factor_method: method }))
      .execute();
    return true;
  }
}
