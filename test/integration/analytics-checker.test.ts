import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnalyticsComparison,
  compareAnalytics,
  formatAnalyticsComparison,
  type RunningSimulator,
  startSimulator,
} from '../../simulator/index.ts';
import { TestClient } from '../../simulator/testing/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

interface Money {
  amount: string;
}
type Row = Record<string, string | number | null>;

let simulator: RunningSimulator;
let client: TestClient;
let database: TestDatabase;
let sql: postgres.Sql;
let dates: string[];

beforeAll(async () => {
  // Figures that still settle would change at the shop's midnight.
  simulator = await startSimulator({ ordersCount: 2_500, historyDays: 40, products: 90, seed: 33 });
  client = await TestClient.connect(simulator);
  await client.control('POST', `/shops/${client.shopId}/analytics`, { settling: 'immediate' });
  const { today } = await client.control('GET', `/shops/${client.shopId}/analytics`);
  dates = [12, 11, 10].map((back) => dayBefore(String(today), back));
  database = await createTestDatabase();
  sql = postgres(database.databaseUrl, {
    max: 1,
    connection: { search_path: 'tideline' },
    onnotice: () => undefined,
  });
  await sql`insert into shops (shop_id, tiktok_shop_id, name, region, time_zone) values ('shop-1', ${client.shopId}, 'S', 'US', '-08:00')`;
});
afterAll(async () => {
  await sql.end();
  await database.drop();
  await simulator.stop();
});
beforeEach(async () => {
  await sql`truncate analytics_days, analytics_shop, analytics_hourly, analytics_products, analytics_skus, analytics_videos, analytics_lives`;
  for (const date of dates) for (const stream of Object.keys(readers)) await store(stream, date);
});

function dayBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}

/** All rows of a list on one day. */
async function list<Item>(path: string, name: string, date: string): Promise<Item[]> {
  const items: Item[] = [];
  let token = '';
  do {
    const { code, message, data } = await client.call(path, {
      method: 'GET',
      query: {
        start_date_ge: date,
        end_date_lt: dayBefore(date, -1),
        page_size: '100',
        ...(token === '' ? {} : { page_token: token }),
      },
    });
    if (code !== 0) throw new Error(message);
    items.push(...(data[name] as Item[]));
    token = data.next_page_token ?? '';
  } while (token !== '');
  return items;
}

/** What is stored of a day, mapped as plainly as can be, so that the checker is tested by something that is not the engine. */
const readers: Record<string, (date: string) => Promise<Row[]>> = {
  async shop(date) {
    const query = { start_date_ge: date, end_date_lt: dayBefore(date, -1) };
    const answer = await client.call('/analytics/202609/shop/performance', { method: 'GET', query });
    const { intervals } = answer.data.performance as {
      intervals: { sales: Record<string, Money & number> }[];
    };
    return intervals.map(({ sales }) => ({
      gmv: sales.gmv?.amount ?? null,
      items_sold: sales.items_sold ?? null,
      orders_count: sales.orders_count ?? null,
      sku_orders_count: sales.sku_orders_count ?? null,
      customers: sales.customers_count ?? null,
      refunds: sales.refunds?.amount ?? null,
      live_gmv: sales.live_gmv?.amount ?? null,
    }));
  },
  async hourly(date) {
    const answer = await client.call(`/analytics/202510/shop/performance/${date}/performance_per_hour`);
    const { intervals } = answer.data.performance as {
      intervals: { index: number; gmv: Money; items_sold: number; customers: number; orders_count: number }[];
    };
    return intervals.map(({ index, gmv, items_sold, customers, orders_count }) => ({
      hour: index,
      gmv: gmv.amount,
      items_sold,
      customers,
      orders_count,
    }));
  },
  async products(date) {
    const path = '/analytics/202509/shop_products/performance';
    const rows = await list<{
      id: string;
      overall_performance: { gmv: Money; orders: number; items_sold: number };
    }>(path, 'products', date);
    return rows.map(({ id, overall_performance: { gmv, orders, items_sold } }) => ({
      product_id: id,
      gmv: gmv.amount,
      orders_count: orders,
      items_sold,
    }));
  },
  async videos(date) {
    const path = '/analytics/202509/shop_videos/performance';
    type Video = { id: string; gmv: Money; sku_orders: number; items_sold: number; avg_customers: number };
    return (await list<Video>(path, 'videos', date)).map(
      ({ id, gmv, sku_orders, items_sold, avg_customers }) => ({
        video_id: id,
        gmv: gmv.amount,
        sku_orders,
        items_sold,
        customers: avg_customers,
      }),
    );
  },
  async lives(date) {
    const path = '/analytics/202509/shop_lives/performance';
    type Live = {
      id: string;
      sales_performance: { gmv: Money; sku_orders: number; items_sold: number; customers: number };
    };
    return (await list<Live>(path, 'live_stream_sessions', date)).map(({ id, sales_performance: sales }) => ({
      live_id: id,
      gmv: sales.gmv.amount,
      sku_orders: sales.sku_orders,
      items_sold: sales.items_sold,
      customers: sales.customers,
    }));
  },
};

async function store(stream: string, date: string): Promise<void> {
  const rows = (await readers[stream]?.(date)) ?? [];
  if (rows.length > 0)
    await sql`insert into ${sql(`analytics_${stream}`)} ${sql(rows.map((row) => ({ shop_id: 'shop-1', date, ...row })))}`;
  const day = { shop_id: 'shop-1', stream, date, rows: rows.length, reads: 1, changes: 0, run_id: 'run_1' };
  await sql`insert into analytics_days ${sql({ ...day, observed_at: new Date(), settled: true, source: 'open_api' })}`;
}

const compare = (): Promise<AnalyticsComparison> =>
  compareAnalytics({
    databaseUrl: database.databaseUrl,
    controlUrl: simulator.controlUrl,
    tiktokShopId: client.shopId,
    from: dates[0] ?? '',
    to: dates[2] ?? '',
    streams: Object.keys(readers),
  });

describe('compareAnalytics', () => {
  it('finds an exact copy equal, whichever way it is divided', async () => {
    const comparison = await compare();
    expect(comparison, formatAnalyticsComparison(comparison)).toMatchObject({
      equal: true,
      differenceCount: 0,
    });
    expect(comparison.streams.map(({ stream, days }) => [stream, days])).toEqual(
      ['shop', 'hourly', 'products', 'videos', 'lives'].map((stream) => [stream, 3]),
    );
    const [shop, hourly, products] = comparison.streams.map(({ storedGmv }) => storedGmv);
    expect(Number(shop)).toBeGreaterThan(0);
    expect([hourly, products]).toEqual([shop, shop]);
  });

  it('finds each kind of difference', async () => {
    const [first, second, third] = dates as [string, string, string];
    await sql`delete from analytics_days where stream = 'shop' and date = ${first}`;
    await sql`update analytics_products set gmv = gmv + 0.01 where date = ${second}
      and product_id = (select max(product_id) from analytics_products where date = ${second})`;
    await sql`delete from analytics_hourly where date = ${third} and orders_count = (select max(orders_count) from analytics_hourly where date = ${third})`;
    await sql`update analytics_lives set customers = null where date = ${third}`;
    const comparison = await compare();
    const found = comparison.differences.map(({ stream, date, column }) => `${stream} ${date} ${column}`);
    const lives = await sql`select from analytics_lives where date = ${third}`;
    expect(comparison.equal).toBe(false);
    expect(comparison.missingDays).toEqual([`shop ${first}`]);
    expect(new Set(found)).toEqual(
      new Set([
        `products ${second} gmv`,
        `hourly ${third} row`,
        ...(lives.length > 0 ? [`lives ${third} customers`] : []),
      ]),
    );
    expect(formatAnalyticsComparison(comparison)).toContain('NOT equal');
  });

  it('sees days that were cut in another zone', async () => {
    await sql`update shops set time_zone = '+07:00'`;
    const comparison = await compare();
    await sql`update shops set time_zone = '-08:00'`;
    expect(comparison.differenceCount).toBeGreaterThan(3);
  });

  it('sees a restatement that was not read again', async () => {
    const path = `/shops/${client.shopId}/analytics/restatements`;
    await client.control('POST', path, { date: dates[1], kind: 'withdraw', count: 2 });
    const stale = await compare();
    await client.control('POST', path, { date: dates[1], kind: 'restore' });
    expect(new Set(stale.differences.map(({ date }) => date))).toEqual(new Set([dates[1]]));
    expect(await compare()).toMatchObject({ equal: true });
  });
});
