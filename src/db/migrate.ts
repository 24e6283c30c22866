import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { TidelineError } from '../errors.ts';
import { packageRoot } from '../paths.ts';
import type { Transaction } from './pool.ts';
import { readDatabaseTarget } from './tls.ts';

/** Any number that nobody else uses for an advisory lock in this database. */
const LOCK_KEY = 7_355_608;
const OLDEST_POSTGRES = 15;
const NO_TRANSACTION = '-- no transaction';

export interface Migration {
  /** File name, which also gives the order. */
  name: string;
  text: string;
  checksum: string;
}

/**
 * Brings the schema `tideline` of a database up to this program, creating it on the first run. Files are applied in
 * the order of their names, each in a transaction of its own; a file whose first line is `-- no transaction` runs
 * outside of one and then holds exactly one statement. Of two migrators at once one works and the other waits.
 * @returns the names of the files that were applied now
 * @throws TidelineError when the database cannot be reached, is newer than this program, or a file that was applied
 *   has changed since
 */
export async function migrate(
  databaseUrl: string,
  directory: string = join(packageRoot, 'migrations'),
): Promise<{ applied: string[] }> {
  const migrations = readMigrations(directory);
  const { url, tls } = readDatabaseTarget(databaseUrl);
  const sql = postgres(url, {
    ...tls,
    max: 1,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: { application_name: 'tideline migrate', search_path: 'tideline, public', TimeZone: 'UTC' },
  });
  try {
    await requireVersion(sql, databaseUrl);
    await takeLock(sql);
    await createSchema(sql);
    const pending = await findPending(sql, migrations);
    for (const migration of pending) await apply(sql, migration);
    return { applied: pending.map((migration) => migration.name) };
  } finally {
    // Ending the session gives the lock free.
    await sql.end({ timeout: 5 });
  }
}

/** The migrations of this program, in the order in which they are applied. */
export function readMigrations(directory: string = join(packageRoot, 'migrations')): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    });
}

/**
 * Makes the schema `tideline` as these migrations leave it, in a transaction that finds the schema empty or missing;
 * the lock of the migrators is held until it ends. For a restore: nobody else is at work on these tables, so that
 * what would otherwise run outside of a transaction can run in it.
 */
export async function buildSchema(tx: Transaction, migrations: readonly Migration[]): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCK_KEY})`;
  await createSchema(tx);
  await tx`set local search_path = tideline, public`;
  for (const { name, text, checksum } of migrations) {
    await tx.unsafe(text.startsWith(NO_TRANSACTION) ? text.replace(/\bconcurrently\b/i, '') : text);
    await tx`insert into tideline.migrations (name, checksum) values (${name}, ${checksum})`;
  }
}

async function createSchema(sql: postgres.Sql | Transaction): Promise<void> {
  const [found] = await sql<{ exists: boolean; allowed: boolean; user: string; database: string }[]>`
    select exists (select 1 from pg_namespace where nspname = 'tideline') as exists,
      has_database_privilege(current_database(), 'CREATE') as allowed,
      current_user as user, current_database() as database`;
  // "if not exists" asks for the right to create also where nothing is created.
  if (found?.exists !== true) {
    if (found?.allowed === false) throw notAllowed(found.user, found.database);
    await sql`create schema if not exists tideline`;
  }
  const [schema] = await sql<{ allowed: boolean; user: string; database: string }[]>`
    select has_schema_privilege('tideline', 'CREATE') as allowed, current_user as user,
      current_database() as database`;
  if (schema?.allowed === false) throw notAllowed(schema.user, schema.database);
  await sql`
    create table if not exists tideline.migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`;
}

function notAllowed(user: string, database: string): TidelineError {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  return new TidelineError({
    code: 'database-privilege-missing',
    message: `The role ${user} may not create the schema tideline in the database ${database}, or tables in it.`,
    actor: 'operator',
    action: `Let an administrator of that database run once: create schema if not exists tideline; alter schema tideline owner to ${quote(user)};`,
  });
}

async function requireVersion(sql: postgres.Sql, databaseUrl: string): Promise<void> {
  let version: number;
  try {
    const [row] = await sql<{ version: string }[]>`select current_setting('server_version_num') as version`;
    version = Math.floor(Number(row?.version) / 10_000);
  } catch (error) {
    throw new TidelineError({
      code: 'database-not-reachable',
      message: `PostgreSQL at ${describeUrl(databaseUrl)} cannot be used: ${(error as Error).message || String(error)}.`,
      actor: 'operator',
      action: 'Check DATABASE_URL, that the server runs, and that the user may connect.',
      cause: error,
    });
  }
  if (version >= OLDEST_POSTGRES) return;
  throw new TidelineError({
    code: 'database-too-old',
    message: `PostgreSQL at ${describeUrl(databaseUrl)} is version ${version}; Tideline needs ${OLDEST_POSTGRES} or newer.`,
    actor: 'operator',
    action: 'Set DATABASE_URL to a newer server, or leave it unset to use the embedded one.',
  });
}

/** Host, port and database; the user and the password stay out. */
function describeUrl(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

async function takeLock(sql: postgres.Sql): Promise<void> {
  // Asked again and again instead of waited for: a waiting session holds a snapshot, for which a
  // `create index concurrently` of the other migrator would wait in turn.
  for (;;) {
    const [row] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK_KEY}) as locked`;
    if (row?.locked === true) return;
    await sleep(200);
  }
}

async function findPending(sql: postgres.Sql, migrations: Migration[]): Promise<Migration[]> {
  const rows = await sql<
    { name: string; checksum: string }[]
  >`select name, checksum from tideline.migrations`;
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...applied.keys()].filter((name) => !known.has(name)).sort();
  if (unknown.length > 0) {
    throw new TidelineError({
      code: 'database-newer',
      message: `The database is newer than this program: it has the migrations ${unknown.join(', ')}.`,
      actor: 'operator',
      action: 'Start the newer Tideline; migrations are never undone.',
    });
  }
  const changed = migrations.filter(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum);
  if (changed.length > 0) {
    throw new TidelineError({
      code: 'migration-changed',
      message: `These migrations were changed after they had been applied: ${changed.map(({ name }) => name).join(', ')}.`,
      actor: 'us',
      action: 'Put the files back as they were released and make the change in a new file.',
    });
  }
  return migrations.filter((migration) => !applied.has(migration.name));
}

async function apply(sql: postgres.Sql, { name, text, checksum }: Migration): Promise<void> {
  try {
    if (text.startsWith(NO_TRANSACTION)) {
      await sql.unsafe(text);
      await sql`insert into tideline.migrations (name, checksum) values (${name}, ${checksum})`;
      return;
    }
    await sql.begin(async (transaction) => {
      await transaction`set local search_path = tideline, public`;
      await transaction.unsafe(text);
      await transaction`insert into tideline.migrations (name, checksum) values (${name}, ${checksum})`;
    });
  } catch (error) {
    throw new TidelineError({
      code: 'migration-failed',
      message: `The migration ${name} failed and was not recorded: ${(error as Error).message}.`,
      actor: 'operator',
      action: 'Nothing after it was applied; correct the cause and start again.',
      cause: error,
    });
  }
}
