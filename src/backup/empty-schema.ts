import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { countRows, listTables } from './tables.ts';

/**
 * Refuses a database that Tideline's other programs work on.
 * @throws TidelineError naming them
 */
export async function requireIdleDatabase(sql: Sql): Promise<void> {
  const others = await sql<{ program: string }[]>`
    select distinct application_name as program from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name in
      ('tideline api', 'tideline worker', 'tideline backup', 'tideline restore', 'tideline migrate')
    order by 1`;
  if (others.length === 0) return;
  throw new TidelineError({
    code: 'database-in-use',
    message: `The database is in use by ${others.map(({ program }) => program).join(', ')}.`,
    actor: 'user',
    action: 'Stop all of Tideline that works on this database, on every machine, and restore again.',
  });
}

/** @throws TidelineError when any table of Tideline has a row */
export async function requireNoRows(tx: Transaction): Promise<void> {
  const [schema] = await tx<{ exists: boolean }[]>`
    select exists (select 1 from pg_namespace where nspname = 'tideline') as exists`;
  if (schema?.exists !== true) return;
  const tables = await listTables(tx);
  const counts = await countRows(tx, tables);
  const filled = tables.flatMap(({ table }, index) =>
    (counts[index] ?? 0) > 0 ? [`${table} (${counts[index]} rows)`] : [],
  );
  if (filled.length === 0) return;
  const shown =
    filled.length > 4 ? `${filled.slice(0, 4).join(', ')} and ${filled.length - 4} more` : filled.join(', ');
  throw new TidelineError({
    code: 'database-not-empty',
    message: `The database holds data of Tideline: ${shown}.`,
    actor: 'user',
    action: 'Restore into an empty database, or add --replace to delete what is there first.',
  });
}

/**
 * Drops what the schema holds and leaves the schema itself: a role that owns it may not be allowed to make it again.
 */
export async function dropSchemaObjects(tx: Transaction): Promise<void> {
  // Tables take along what belongs to them, such as their sequences; what is left then stands alone.
  const statements = await tx<{ statement: string }[]>`
    with schema as (select oid from pg_namespace where nspname = 'tideline')
    select 1 as turn, format('drop %s if exists tideline.%I cascade',
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end, c.relname) as statement
    from pg_class c where c.relnamespace = (select oid from schema) and c.relkind in ('r', 'p', 'v', 'm')
    union all
    select 2, format('drop sequence if exists tideline.%I cascade', c.relname)
    from pg_class c where c.relnamespace = (select oid from schema) and c.relkind = 'S'
    union all
    select 3, format('drop routine if exists %s cascade', p.oid::regprocedure)
    from pg_proc p where p.pronamespace = (select oid from schema)
    union all
    select 4, format('drop type if exists %s cascade', format_type(t.oid, null))
    from pg_type t where t.typnamespace = (select oid from schema) and t.typtype in ('e', 'd', 'r')
    order by turn`;
  for (const { statement } of statements) await tx.unsafe(statement);
}
