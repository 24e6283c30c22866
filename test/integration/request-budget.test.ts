import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRequestBudget } from '../../src/budget/request-budget.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import type { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import type { BudgetLane } from '../../src/sources/tiktok-shop/ports.ts';
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

const budget = (requestsPerSecond: number, pool = sql, sandbox = false) =>
  createRequestBudget({ sql: pool, appKey: 'app', requestsPerSecond, sandbox, random: () => 0 });
const search = (shopId: string, lane: BudgetLane = 'history') => ({
  shopId,
  endpointFamily: 'orders.search',
  lane,
});
const throttled = (retryAfterMs: number | null) =>
  ({ kind: 'throttled', latencyMs: 5, retryAfterMs }) as const;

async function refusal(promise: Promise<void>): Promise<ApiError | null> {
  return promise.then(
    () => null,
    (reason: ApiError) => reason,
  );
}

async function stored(shopId: string) {
  const [row] = await sql`select * from request_budgets where shop_id = ${shopId}`;
  return row as Record<string, unknown>;
}

/** Makes calls with what is known of a rate already, as after a restart. */
async function remember(shopId: string, learnedRate: number): Promise<void> {
  await budget(200).acquire(search(shopId));
  await sql`
    update request_budgets set phase = 'holding', learned_rate = ${learnedRate}, rate = ${learnedRate * 0.97},
      tokens = 0, phase_since = now(), window_since = now(), version = version + 1
    where shop_id = ${shopId}`;
}

describe('request budget', () => {
  it('holds the learned rate over two processes and many callers, also after a restart', async () => {
    await remember('shop-1', 100);
    const budgets = [budget(200), budget(200, other)];
    const begun = performance.now();
    let calls = 0;
    const caller = async (index: number) => {
      while (performance.now() - begun < 3_000) {
        await budgets[index % 2]?.acquire(search('shop-1'));
        calls++;
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => caller(index)));
    const seconds = (performance.now() - begun) / 1000;
    // What is booked but not made yet, and the callers' last calls, are all that may lie beside the rate.
    expect(calls).toBeLessThanOrEqual(97 * seconds + 2 * 20 + 16);
    expect(calls).toBeGreaterThan(97 * seconds * 0.5);
    expect(await stored('shop-1')).toMatchObject({ learned_rate: 100, throttled: 0 });
  });

  it('searches upwards while nobody throttles, and costs next to nothing', async () => {
    const one = budget(2_000);
    const begun = performance.now();
    let calls = 0;
    const caller = async () => {
      while (performance.now() - begun < 3_000) {
        await one.acquire(search('shop-2'));
        calls++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    const row = await stored('shop-2');
    expect(row).toMatchObject({ phase: 'searching', learned_rate: null });
    expect(row.rate).toBeGreaterThan(500);
    // One statement for each batch of up to a fifth of a second.
    expect(row.version).toBeLessThan(60);
    expect(calls).toBeGreaterThan(500);
  });

  it('lets the lanes go in their order, and within one who came first', async () => {
    await remember('shop-3', 20);
    const one = budget(200);
    const order: string[] = [];
    const lanes: BudgetLane[] = ['analytics', 'history', 'write-backs', 'incremental', 'webhooks'];
    await Promise.all(
      lanes.flatMap((lane) =>
        [1, 2].map((nth) => one.acquire(search('shop-3', lane)).then(() => order.push(`${lane} ${nth}`))),
      ),
    );
    const expected = lanes.toReversed().flatMap((lane) => [`${lane} 1`, `${lane} 2`]);
    expect(order).toEqual(expected);
  });

  it('keeps shops and families apart', async () => {
    const one = budget(1);
    await one.acquire(search('shop-4'));
    await one.report(search('shop-4'), throttled(60_000));
    await one.acquire({ ...search('shop-4'), endpointFamily: 'products.search' });
    await one.acquire(search('shop-5'));
    expect(await refusal(one.acquire(search('shop-4')))).toMatchObject({ kind: 'rate-limited' });
  });

  it('stops all processes for the pause, refuses where it is long, and counts one throttle for many calls', async () => {
    const [one, two] = [budget(20), budget(20, other)];
    for (const each of [one, two]) for (let call = 0; call < 8; call++) await each.acquire(search('shop-6'));
    await Promise.all(Array.from({ length: 5 }, () => one.report(search('shop-6'), throttled(60_000))));
    for (const each of [one, two]) {
      // What the other process had booked before may still be made.
      let error = await refusal(each.acquire(search('shop-6')));
      for (let call = 0; error === null && call < 20; call++)
        error = await refusal(each.acquire(search('shop-6')));
      expect(error).toMatchObject({ kind: 'rate-limited', actor: 'retry' });
      expect(error?.retryAfterMs).toBeGreaterThan(58_000);
    }
    expect(await stored('shop-6')).toMatchObject({ phase: 'confirming', repeats: 0, throttled: 5 });
    expect((await stored('shop-6')).learned_rate).toBeGreaterThan(1);
  });

  it('lets go when aborted, and serves the others', async () => {
    await remember('shop-8', 4);
    const one = budget(200);
    await one.acquire(search('shop-8'));
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const waiting = one.acquire(search('shop-8'), controller.signal);
    const next = one.acquire(search('shop-8'));
    expect(one.waiting()).toEqual([{ ...search('shop-8'), calls: 2 }]);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await next;
    await expect(one.acquire(search('shop-8'), controller.signal)).rejects.toBe(reason);
    expect(one.waiting()).toEqual([]);
  });

  it('sends calls away from a shop whose upstream answers nothing, but for one trial at a time', async () => {
    const one = budget(200);
    for (let call = 0; call < 8; call++) {
      await one.acquire(search('shop-9'));
      await one.report(search('shop-9'), { kind: 'failed' });
    }
    const error = await refusal(one.acquire(search('shop-9')));
    expect(error).toMatchObject({ code: 'upstream-suspended', kind: 'transient' });
    expect(error?.retryAfterMs).toBeGreaterThan(4_000);
    await one.acquire(search('shop-10'));
  });

  it('bears a database that is away: callers hear of it, and later calls go on', async () => {
    const one = budget(200);
    await one.acquire(search('shop-11'));
    await sql`alter table request_budgets rename to budgets_away`;
    const calls = Array.from({ length: 40 }, () => refusal(one.acquire(search('shop-11'))));
    expect((await Promise.all(calls)).some((error) => error !== null)).toBe(true);
    await sql`alter table budgets_away rename to request_budgets`;
    await one.acquire(search('shop-11'));
  });

  it('suggests more calls at once where upstream is slow, and few where its limit is low', async () => {
    const one = budget(200);
    expect(one.parallelCalls('shop-12', 'orders.search')).toBe(8);
    await one.report(search('shop-12'), { kind: 'answered', latencyMs: 150 });
    expect(one.parallelCalls('shop-12', 'orders.search')).toBe(41);
    await remember('shop-13', 4);
    await one.acquire(search('shop-13'));
    expect(one.parallelCalls('shop-13', 'orders.search')).toBe(3);
  });
});

describe('hourly quota of a development shop', () => {
  it('is learned from the first refusal, shared by all families, and holds in every process', async () => {
    await sql`delete from request_quotas`;
    const [one, two] = [budget(200, sql, true), budget(200, other, true)];
    for (let call = 0; call < 30; call++) await one.acquire(search('shop-20'));
    await one.report(search('shop-20'), { kind: 'quota-exhausted', retryAfterMs: 600_000 });
    const detail = { shopId: 'shop-20', endpointFamily: 'orders.detail', lane: 'webhooks' } as const;
    for (const each of [one, two]) {
      expect(await refusal(each.acquire(search('shop-20')))).toMatchObject({ kind: 'rate-limited' });
      const error = await refusal(each.acquire(detail));
      expect(error).toMatchObject({ kind: 'rate-limited' });
      expect(error?.retryAfterMs).toBeLessThanOrEqual(3_600_000);
    }
    const [quota] = await sql`select learned, refused from request_quotas where shop_id = 'shop-20'`;
    expect(quota?.refused).toBe(true);
    expect(quota?.learned).toBeGreaterThanOrEqual(29);
    await one.acquire({ ...search('shop-21') });
  });

  it('keeps the last tenth for what somebody waits for', async () => {
    await sql`
      insert into request_quotas (app_key, shop_id, hour, calls, learned)
      values ('app', 'shop-22', date_trunc('hour', now()), 90, 100)`;
    const one = budget(200, sql, true);
    expect(await refusal(one.acquire(search('shop-22', 'history')))).toMatchObject({ kind: 'rate-limited' });
    await one.acquire(search('shop-22', 'incremental'));
  });
});
