import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallLog } from '../../src/db/call-log.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 3 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('call log', () => {
  const entry = (index: number) => ({
    at: new Date('2026-11-25T12:00:00Z'),
    shopId: 'shop-1',
    runId: null,
    method: 'POST',
    path: `/p/${index}`,
    endpointFamily: 'orders.search',
    attempt: 1,
    httpStatus: 200,
    code: 0,
    requestId: 'a\u0000b',
    outcome: 'ok',
    durationMs: 5,
    responseBytes: 100,
  });
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => warnings.push(message) };

  it('writes in batches behind its callers, and prunes after a week', async () => {
    const calls = createCallLog({ sql, log });
    calls.record({ ...entry(0), at: new Date(Date.now() - 8 * 86_400_000), path: '/old' });
    for (let index = 0; index < 450; index++) calls.record({ ...entry(index), at: new Date() });
    await calls.flush();
    expect(await sql`select count(*) as n, min(request_id) as id from api_calls`).toEqual([
      { n: 450, id: 'ab' },
    ]);
    calls.record(entry(1));
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await sql`select count(*) as n from api_calls`).toEqual([{ n: 451 }]);
    calls.record(entry(2));
    await calls.close();
    expect(await sql`select count(*) as n from api_calls`).toEqual([{ n: 452 }]);
    expect(
      await sql`select shop_id, endpoint_family, outcome, calls, duration_ms from api_call_totals`,
    ).toEqual([
      {
        shop_id: 'shop-1',
        endpoint_family: 'orders.search',
        outcome: 'ok',
        calls: 453,
        duration_ms: 453 * 5,
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it('bears a database that is away, and counts what it drops', async () => {
    await sql`truncate api_calls`;
    const calls = createCallLog({ sql, log });
    await sql`alter table api_calls rename to api_calls_away`;
    for (let index = 0; index < 300; index++) calls.record({ ...entry(index), at: new Date() });
    await calls.flush();
    expect(warnings).toContain('The log of upstream calls could not be written.');
    for (let index = 0; index < 6_000; index++) calls.record({ ...entry(index), at: new Date() });
    await sql`alter table api_calls_away rename to api_calls`;
    await calls.flush();
    await calls.flush();
    const [row] = await sql`select count(*) as n from api_calls`;
    expect(row?.n).toBeGreaterThanOrEqual(5_000);
    expect(warnings).toContain('Entries of the log of upstream calls were dropped.');
  });
});
