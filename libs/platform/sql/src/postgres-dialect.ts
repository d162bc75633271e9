import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type TransactionSettings,
} from 'kysely';

/** Kysely's PostgreSQL dialect, whose transactions take `lock` (two numbers of an advisory lock) at the beginning: they run one by one, as SQLite's do. */
export class OneByOneDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #lock: readonly [number, number];

  constructor(config: PostgresDialectConfig, lock: readonly [number, number]) {
    super(config);
    this.#config = config;
    this.#lock = lock;
  }

  override createDriver(): Driver {
    return new LockingDriver(this.#config, this.#lock);
  }
}

class LockingDriver extends PostgresDriver {
  readonly #lock: readonly [number, number];

  constructor(config: PostgresDialectConfig, lock: readonly [number, number]) {
    super(config);
    this.#lock = lock;
  }

  // At `read committed` each statement behind the lock sees all that was kept before it: what was read is still so when it is written upon.
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await super.beginTransaction(connection, settings);
    try {
      await connection.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${this.#lock.join(', ')})`));
    } catch (error) {
      // Kysely undoes only what has begun: a connection must not go back with the transaction open.
      await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => undefined);
      throw error;
    }
  }
}
