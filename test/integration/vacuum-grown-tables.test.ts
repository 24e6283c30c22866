import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { vacuumGrownTables } from '../../src/db/vacuum-grown-tables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  // One session: what it has counted is told to the others by itself.
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function mark(days: number): Promise<void> {
  await sql`insert into order_day_marks select 'shop-1', date '2026-01-01' + n from generate_series(1, ${days}::int) as n`;
  await sql`select pg_stat_force_next_flush()`;
}

async function vacuums(): Promise<unknown> {
  const [counted] = await sql`
    select analyze_count as analyzed, vacuum_count as vacuumed from pg_stat_user_tables
    where relname = 'order_day_marks'`;
  return counted;
}

it('looks at a table anew once it has grown by much, and only then', async () => {
  await mark(999);
  await vacuumGrownTables(sql, ['order_day_marks']);
  expect(await vacuums()).toEqual({ analyzed: 0, vacuumed: 0 });
  await mark(9_000);
  await vacuumGrownTables(sql, ['orders', 'line_items']);
  expect(await vacuums()).toEqual({ analyzed: 0, vacuumed: 0 });
  await vacuumGrownTables(sql, ['order_day_marks']);
  expect(await vacuums()).toEqual({ analyzed: 1, vacuumed: 1 });
  await vacuumGrownTables(sql, ['order_day_marks']);
  await mark(1_500);
  await vacuumGrownTables(sql, ['order_day_marks']);
  expect(await vacuums()).toEqual({ analyzed: 1, vacuumed: 1 });
});
