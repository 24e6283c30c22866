import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { pruneAuditLog } from '../../src/db/queries/prune-audit-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

it('keeps the entries of two years, however many are older', async () => {
  await sql`
    insert into audit_log (at, actor, action, object)
    select now() - make_interval(days => 733), 'nobody', 'old', '{}' from generate_series(1, 20001)`;
  await sql`
    insert into audit_log (at, actor, action, object)
    values (now() - interval '731 days', 'nobody', 'kept', '{}'), (now(), 'nobody', 'new', '{}')`;
  expect(await pruneAuditLog(sql)).toBe(20_001);
  const left = await sql<{ action: string }[]>`select action from audit_log order by at`;
  expect(left.map(({ action }) => action)).toEqual(['kept', 'new']);
  expect(await pruneAuditLog(sql)).toBe(0);
});
