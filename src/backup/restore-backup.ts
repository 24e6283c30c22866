import type { KeyRing } from '../../encryption/key-ring.ts';
import { buildSchema, type Migration, migrate, readMigrations } from '../db/migrate.ts';
import { openPool, type Sql, type Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { checkKeyRing } from '../shops/data-keys.ts';
import { dropSchemaObjects, requireIdleDatabase, requireNoRows } from './empty-schema.ts';
import { type BackupHeader, damagedBackup, type Manifest } from './format.ts';
import { readBackup } from './read-backup.ts';
import { openRowWriter, type RowWriter } from './row-writer.ts';
import { countRows } from './tables.ts';
import type { BackupProgress } from './write-backup.ts';

export interface RestoreOptions {
  databaseUrl: string;
  path: string;
  /** Must open what the backup holds. */
  keyRing: KeyRing;
  /** Deletes what the database holds of Tideline; refused otherwise unless that is nothing. */
  replace: boolean;
  onProgress?(progress: BackupProgress): void;
}

export interface RestoredBackup {
  created_at: string;
  tideline_version: string;
  rows: number;
  tables: { table: string; rows: number }[];
  /** Migrations of this program that are newer than the backup. */
  applied: string[];
}

/**
 * Puts a backup into a database, in one transaction: either all of it is there afterwards, checked against its hashes
 * and counts, or the database is as it was. The file is read twice, so that damage is found before anything is
 * touched. An older backup is brought up to this program by the migrations that it lacks.
 * @throws TidelineError saying what is in the way
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredBackup> {
  const { databaseUrl, path, keyRing } = options;
  const { header, manifest } = await readBackup(path);
  const migrations = chooseMigrations(header);
  const sql = openPool(databaseUrl, { applicationName: 'tideline restore', maxConnections: 1 });
  try {
    await requireIdleDatabase(sql);
    await sql.begin(async (tx) => {
      if (!options.replace) await requireNoRows(tx);
      await dropSchemaObjects(tx);
      await buildSchema(tx, migrations);
      // What triggers made of the rows is in the backup; they must not make it again.
      await switchTriggers(tx, manifest, 'disable');
      await loadTables(tx, options, manifest);
      await switchTriggers(tx, manifest, 'enable');
      await setSequences(tx, manifest);
      await requireCounts(tx, manifest);
      await checkKeyRing(tx, keyRing);
    });
    await refreshStatistics(sql, manifest);
  } finally {
    await sql.end({ timeout: 5 });
  }
  const { applied } = await migrate(databaseUrl);
  return {
    created_at: header.created_at,
    tideline_version: header.tideline_version,
    rows: totalOf(manifest),
    tables: manifest.tables.map(({ table, rows }) => ({ table, rows })),
    applied,
  };
}

function totalOf({ tables }: Manifest): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

/** The migrations that the backup's database had, as this program has them. */
function chooseMigrations(header: BackupHeader): Migration[] {
  const known = new Map(readMigrations().map((migration) => [migration.name, migration]));
  return header.migrations.map(({ name, checksum }) => {
    const migration = known.get(name);
    if (migration?.checksum === checksum) return migration;
    throw new TidelineError({
      code: 'backup-newer',
      message: `The backup was made by Tideline ${header.tideline_version} with the migration ${name}, which this program ${migration === undefined ? 'does not have' : 'has with another content'}.`,
      actor: 'user',
      action: 'Restore it with the Tideline that made it, or a newer one.',
    });
  });
}

async function loadTables(
  tx: Transaction,
  { path, onProgress }: RestoreOptions,
  manifest: Manifest,
): Promise<void> {
  const expected = totalOf(manifest);
  let done = 0;
  let rows: RowWriter | null = null;
  await readBackup(path, {
    async table(table) {
      rows = await openRowWriter(tx, table);
      onProgress?.({ done, expected, table: table.table });
    },
    async data(chunk) {
      await rows?.write(chunk);
    },
    async end({ table }, sum) {
      await rows?.finish();
      done += sum.rows;
      onProgress?.({ done, expected, table });
    },
  });
}

async function switchTriggers(
  tx: Transaction,
  { tables }: Manifest,
  to: 'disable' | 'enable',
): Promise<void> {
  for (const { table } of tables) {
    await tx`alter table tideline.${tx(table)} ${tx.unsafe(to)} trigger user`;
  }
}

async function setSequences(tx: Transaction, { sequences }: Manifest): Promise<void> {
  for (const { sequence, last_value } of sequences) {
    await tx`select setval(format('tideline.%I', ${sequence}::text)::regclass, ${last_value}::bigint)`;
  }
}

async function requireCounts(tx: Transaction, { tables }: Manifest): Promise<void> {
  const counts = await countRows(
    tx,
    tables.map(({ table }) => ({ table, columns: [] })),
  );
  for (const [index, { table, rows }] of tables.entries()) {
    if (counts[index] !== rows) throw damagedBackup(`${table} got ${counts[index]} rows instead of ${rows}`);
  }
}

/** Without statistics the first queries over a restored history would be planned as if it were empty. */
async function refreshStatistics(sql: Sql, { tables }: Manifest): Promise<void> {
  for (const { table } of tables) await sql`analyze tideline.${sql(table)}`;
}
