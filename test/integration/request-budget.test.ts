import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallLog } from '../../src/db/call-log.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { createRequestBudget } from '../../src/db/request-budget.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;
let other: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 3 });
  other = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 3 });
});
afterAll(async () => {
  await sql.end();
  await other.end();
  await database.drop();
});

const budget = (requestsPerSecond: number, pool = sql) =>
  createRequestBudget({ sql: pool, appKey: 'app', requestsPerSecond });

describe('request budget', () => {
  it('holds the rate over two processes and many callers', async () => {
    const budgets = [budget(100), budget(100, other)];
    const begun = performance.now();
    let calls = 0;
    const caller = async (index: number) => {
      while (performance.now() - begun < 3_000) {
        await budgets[index % 2]?.acquire('shop-1', 'orders');
        calls++;
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => caller(index)));
    const seconds = (performance.now() - begun) / 1000;
    expect(calls / seconds).toBeGreaterThan(80);
    expect(calls).toBeLessThanOrEqual(100 * seconds + 20 + 40);
  });

  it('costs next to nothing at 250 calls a second', async () => {
    const one = budget(250);
    const [before] = await sql`select n_tup_upd from pg_stat_user_tables where relname = 'request_budgets'`;
    const begun = performance.now();
    for (let index = 0; index < 500; index++) await one.acquire('shop-2', 'orders');
    expect(performance.now() - begun).toBeLessThan(2_500);
    await sql`select pg_stat_force_next_flush()`.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const [after] = await sql`select n_tup_upd from pg_stat_user_tables where relname = 'request_budgets'`;
    expect(after?.n_tup_upd - before?.n_tup_upd).toBeLessThan(40);
  });

  it('serves in the order of asking', async () => {
    const one = budget(40);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => one.acquire('shop-3', 'orders').then(() => order.push(index))),
    );
    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it('keeps shops and families apart', async () => {
    const one = budget(1);
    await one.throttled('shop-4', 'orders', 60_000);
    const begun = performance.now();
    await Promise.all([one.acquire('shop-4', 'products'), one.acquire('shop-5', 'orders')]);
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it('stops all processes for the wait, halves the rate once, and lets it grow back', async () => {
    const [one, two] = [budget(20), budget(20, other)];
    await Promise.all([one.acquire('shop-6', 'orders'), two.acquire('shop-6', 'orders')]);
    await Promise.all(Array.from({ length: 5 }, () => one.throttled('shop-6', 'orders', 1_500)));
    const rate = async () => {
      const [row] = await sql`select rate from request_budgets where shop_id = 'shop-6'`;
      return row?.rate as number;
    };
    expect(await rate()).toBeGreaterThanOrEqual(10);
    expect(await rate()).toBeLessThan(10.5);
    const begun = performance.now();
    // What the other process had booked before it may still be used.
    for (let index = 0; index < 4; index++) await two.acquire('shop-6', 'orders');
    await one.acquire('shop-6', 'orders');
    await two.acquire('shop-6', 'orders');
    expect(performance.now() - begun).toBeGreaterThan(1_400);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    for (let index = 0; index < 10; index++) await one.acquire('shop-6', 'orders');
    expect(await rate()).toBeGreaterThan(11.5);
  });

  it('refuses at once where the wait is long, in every process', async () => {
    const [one, two] = [budget(20), budget(20, other)];
    await one.throttled('shop-7', 'orders', 60_000);
    for (const each of [one, two]) {
      const error = await each.acquire('shop-7', 'orders').then(
        () => null,
        (reason) => reason,
      );
      expect(error).toMatchObject({ kind: 'rate-limited' });
      expect(error.retryAfterMs).toBeGreaterThan(58_000);
    }
  });

  it('lets go when aborted, and serves the others', async () => {
    const one = budget(2);
    await one.acquire('shop-8', 'orders');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const waiting = one.acquire('shop-8', 'orders', controller.signal);
    const next = one.acquire('shop-8', 'orders');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await next;
    await expect(one.acquire('shop-8', 'orders', controller.signal)).rejects.toBe(reason);
  });
});

describe('call log', () => {
  const entry = (index: number) => ({
    at: new Date('2026-11-25T12:00:00Z'),
    shopId: 'shop-1',
    runId: null,
    method: 'POST',
    path: `/p/${index}`,
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
