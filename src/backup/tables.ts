import type { Transaction } from '../db/pool.ts';
import type { BackupTable, Manifest } from './format.ts';

/**
 * The tables of the schema with the columns that hold data, each after the tables that it refers to. The record of
 * migrations is not among them: a restore makes it by applying the migrations.
 */
export async function listTables(tx: Transaction): Promise<BackupTable[]> {
  const tables = await tx<(BackupTable & { refers_to: string[] })[]>`
    select c.relname as table,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns,
      array(
        select r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as refers_to
    from pg_class c
    where c.relnamespace = 'tideline'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'migrations'
    order by c.relname`;
  const sorted: BackupTable[] = [];
  const waiting = [...tables];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(
      ({ refers_to: others }) => !waiting.some(({ table }) => others.includes(table)),
    );
    if (ready === -1) throw new Error('Tables refer to each other in a circle.');
    for (const { table, columns } of waiting.splice(ready, 1)) sorted.push({ table, columns });
  }
  return sorted;
}

/** Sequences stand outside of transactions: read after the rows, they are never behind them. */
export async function listSequences(tx: Transaction): Promise<Manifest['sequences']> {
  const rows = await tx<{ sequence: string; last_value: string }[]>`
    select sequencename as sequence, last_value::text as last_value from pg_sequences
    where schemaname = 'tideline' and last_value is not null order by 1`;
  return rows.map(({ sequence, last_value }) => ({ sequence, last_value }));
}

/** Rows of each table, exactly. */
export async function countRows(tx: Transaction, tables: readonly BackupTable[]): Promise<number[]> {
  const counts: number[] = [];
  for (const { table } of tables) {
    const [row] = await tx<{ rows: number }[]>`select count(*) as rows from tideline.${tx(table)}`;
    counts.push(row?.rows ?? 0);
  }
  return counts;
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** `tideline."orders" ("shop_id", …)`: the table as COPY names it. */
export function copyTarget({ table, columns }: BackupTable): string {
  return `tideline.${quote(table)} (${columns.map(quote).join(', ')})`;
}
