import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { readRun } from '../../src/sync/read-runs.ts';
import { addShop } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;
let shop: string;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 1 });
  shop = await addShop(sql);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('the progress of a run over days', () => {
  it.each([
    ['running', null, null],
    ['completed', 0, 100],
  ])('of which none is planned, while it is %s', async (status, expected, percent) => {
    const finishedAt = status === 'completed' ? new Date() : null;
    const runId = `run_${status}`;
    await sql`
      insert into sync_runs (run_id, shop_id, stream, mode, trigger, status, workflow_id, started_at, finished_at)
      values (${runId}, ${shop}, 'analytics', 'window', 'api', ${status}, 'analyticsBackfill/shop', now(), ${finishedAt})`;
    expect((await readRun(sql, runId)).progress).toMatchObject({
      orders_done: 0,
      orders_expected: expected,
      percent,
    });
  });
});
