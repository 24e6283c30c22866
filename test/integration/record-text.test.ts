import { afterAll, beforeAll, expect, it } from 'vitest';
import { RandomSequence } from '../../simulator/random.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { readRecord, splitRecords } from '../../src/db/record-text.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { hostileText } from '../support/hostile-text.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

it('reads row values as PostgreSQL writes them, whatever texts are in them', async () => {
  const random = new RandomSequence(13);
  const cell = (): string | null => (random.below(10) === 0 ? null : hostileText(random));
  const rows = Array.from({ length: 5_000 }, () => [cell(), cell(), cell()] as const);
  const column = (index: 0 | 1 | 2) => rows.map((row) => row[index]);
  const [found] = await sql<{ records: string }[]>`
    select string_agg(row(a, b, c)::text, '' order by place) as records
    from unnest(${column(0)}::text[], ${column(1)}::text[], ${column(2)}::text[]) with ordinality as r(a, b, c, place)`;
  expect(splitRecords(found?.records ?? '').map(readRecord)).toEqual(rows);
});
