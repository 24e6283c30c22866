import type { Sql } from './pool.ts';

/** Share of a table's rows that came or changed since PostgreSQL last looked at it, from which on it is looked at anew. */
const muchChanged = 0.2;
/** A table of fewer changes is quick whatever PostgreSQL believes of it. */
const fewestChanges = 1_000;

/**
 * Does at once what autovacuum would do within its next minutes. Plans that were made while a table was empty read the
 * whole of it for each row once it is full, and go only when it has been analyzed; counting is quick after a vacuum.
 * Cheap when little changed. Leaves a table alone that another session is vacuuming or that belongs to another role.
 *
 * @param tables of the schema `tideline`
 */
export async function vacuumGrownTables(sql: Sql, tables: readonly string[]): Promise<void> {
  const grown = await sql<{ name: string }[]>`
    select relname as name from pg_stat_user_tables
    where schemaname = 'tideline' and relname = any(${[...tables]})
      and n_mod_since_analyze >= greatest(${fewestChanges}::int, ${muchChanged}::float * n_live_tup)`;
  for (const { name } of grown) await sql`vacuum (analyze, skip_locked) tideline.${sql(name)}`;
}
