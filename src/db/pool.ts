import postgres from 'postgres';
import { guardTransactions } from './guard-transactions.ts';
import { readDatabaseTarget } from './tls.ts';

/** A pool of connections to Tideline's database, or a transaction on one of them. */
export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;

export interface PoolOptions {
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** Most connections that this process opens. */
  maxConnections: number;
  /** Settings of the sessions, as PostgreSQL names them. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Opens the process's one pool. Tables live in the schema `tideline`. `bigint` columns come back as numbers
 * (every one that is read is a count, an id of ours or Unix seconds), `numeric` as exact strings.
 */
export function openPool(databaseUrl: string, options: PoolOptions): Sql {
  const { url, tls } = readDatabaseTarget(databaseUrl);
  const sql = postgres(url, {
    ...tls,
    max: options.maxConnections,
    idle_timeout: 60,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: {
      application_name: options.applicationName,
      search_path: 'tideline, public',
      TimeZone: 'UTC',
      ...options.settings,
    },
    types: {
      bigint: { to: 20, from: [20], parse: Number, serialize: String },
    },
  });
  return guardTransactions(sql);
}
