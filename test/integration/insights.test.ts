import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { readInsights } from '../../src/db/reports/insights.ts';
import { readKpis } from '../../src/db/reports/kpis.ts';
import { chance, writeTestDay } from '../support/analytics-days.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

interface Sale {
  day: string;
  buyer: string | null;
  cents: bigint;
  cancelled: boolean;
  items: number;
}

const first = '2026-01-05';
const days = 60;
/** Noon of the shop on the day after the last one. */
const now = Date.parse('2026-03-06T20:00:00Z');
const next = chance(11);
const sales: Sale[] = [];

let api: TestApi;
let shop: string;

const sumOf = (some: readonly Sale[]): bigint => some.reduce((total, { cents }) => total + cents, 0n);
const decimal = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

/** The figures of days from `from` up to, and without, `to`, sale by sale. */
function expected(from: string, to: string) {
  const within = sales.filter(({ day }) => day >= from && day < to);
  const kept = within.filter(({ cancelled }) => !cancelled);
  const buyers = new Set(within.flatMap(({ buyer }) => buyer ?? []));
  const known = new Set(sales.filter(({ day }) => day < from).flatMap(({ buyer }) => buyer ?? []));
  const returning = [...buyers].filter((buyer) => known.has(buyer));
  const gmvOf = (isReturning: boolean): string =>
    decimal(sumOf(within.filter(({ buyer }) => buyer !== null && known.has(buyer) === isReturning)));
  return {
    gmv: decimal(sumOf(within)),
    net_gmv: decimal(sumOf(kept)),
    orders_count: within.length,
    cancelled_orders: within.length - kept.length,
    items_sold: within.reduce((total, { items }) => total + items, 0),
    customers: buyers.size,
    new_customers: buyers.size - returning.length,
    returning_customers: returning.length,
    new_gmv: gmvOf(false),
    returning_gmv: gmvOf(true),
  };
}

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  for (let nth = 0; nth < 300; nth++) {
    const day = addDays(first, next(days));
    const buyer = next(10) === 0 ? null : `buyer-${next(90)}`;
    const sale = {
      day,
      buyer,
      cents: BigInt(next(90_000)),
      cancelled: next(6) === 0,
      items: 1 + next(4),
    };
    sales.push(sale);
    // The first and the last minute of a day of the shop, and those between.
    const paidAt = new Date(Date.parse(`${day}T08:00:00Z`) + ([0, 1439][nth % 3] ?? next(1440)) * 60_000);
    const order = {
      ...{
        shop_id: shop,
        order_id: `57${nth}`,
        items_count: sale.items,
        row_hash: 1,
        page_id: 1,
        page_index: 0,
      },
      status: sale.cancelled ? 'CANCELLED' : 'DELIVERED',
      ...{ created_at: paidAt, updated_at: paidAt, observed_at: paidAt, paid_at: paidAt, buyer_id: buyer },
      ...{ currency: 'USD', total_amount: decimal(sale.cents + 500n), sub_total: decimal(sale.cents) },
    };
    await api.sql`insert into orders ${api.sql(order)}`;
  }
  for (const [date, gmv] of [
    ['2026-03-05', '0.10'],
    ['2026-03-04', '0.20'],
  ] as const) {
    await writeTestDay(api.sql, { shopId: shop, stream: 'shop', date, rows: [{ gmv }] });
  }
});
afterAll(() => api.close());

describe('key figures', () => {
  it('are what the sales of the last whole days come to, beside the days before', async () => {
    for (const length of [1, 7, 30]) {
      const to = '2026-03-06';
      const from = addDays(to, -length);
      const kpis = await readKpis(scopeToShop(shop), api.sql, { days: length, now });
      expect(kpis).toMatchObject({
        ...{ start_date: from, end_date: '2026-03-05', days: length, currency: 'USD' },
        ...expected(from, to),
        previous: expected(addDays(from, -length), from),
      });
    }
  });

  it('are of any days, beside as many before or the same days a year before', async () => {
    const range = { from: '2026-02-01', to: '2026-02-11' };
    const before = await readKpis(scopeToShop(shop), api.sql, range);
    expect(before).toMatchObject({
      ...{
        start_date: '2026-02-01',
        end_date: '2026-02-10',
        days: 10,
        ...expected('2026-02-01', '2026-02-11'),
      },
      previous: expected('2026-01-22', '2026-02-01'),
    });
    const compare = 'previous_year' as const;
    const year = await readKpis(scopeToShop(shop), api.sql, { ...range, compare });
    expect(year).toMatchObject({
      ...expected('2026-02-01', '2026-02-11'),
      previous: { orders_count: 0, gmv: '0.00' },
      change: { gmv: null },
    });
    // Longer than a year: both parts are summed, though they overlap.
    const long = { from: '2025-01-01', to: '2026-03-06', compare };
    expect(await readKpis(scopeToShop(shop), api.sql, long)).toMatchObject({
      ...expected('2025-01-01', '2026-03-06'),
      previous: expected('2024-01-01', '2025-03-06'),
    });
    const later = { from: '2026-01-20', to: '2027-02-20', compare };
    expect(await readKpis(scopeToShop(shop), api.sql, later)).toMatchObject({
      ...expected('2026-01-20', '2027-02-20'),
      previous: expected('2025-01-20', '2026-02-20'),
    });
  });

  it('set them beside what TikTok told, of the days that were read', async () => {
    const kpis = await readKpis(scopeToShop(shop), api.sql, { days: 7, now });
    expect(kpis.tiktok_gmv).toBe('0.30');
    expect(kpis.coverage).toMatchObject([{ days: 7, days_read: 2 }]);
    expect(kpis.change).toMatchObject({ tiktok_gmv: null, gmv: expect.any(Number) });
  });

  it('tell up to which day TikTok corrects nothing any more', async () => {
    const other = await addShop(api.sql);
    const write = (date: string, today: string) =>
      writeTestDay(api.sql, { shopId: other, stream: 'shop', date, today, rows: [{ gmv: '1.00' }] });
    const range = { from: '2026-01-01', to: '2026-01-11' };
    const finalUpTo = async () =>
      (await readKpis(scopeToShop(other), api.sql, range)).coverage[0]?.final_up_to;
    expect(await finalUpTo()).toBeNull();
    await write('2026-01-04', '2026-01-05');
    expect(await finalUpTo()).toBeNull();
    await write('2026-01-02', '2026-06-01');
    await write('2026-01-09', '2026-06-01');
    // The ninth has settled, and the fourth before it has not.
    expect(await finalUpTo()).toBe('2026-01-02');
    await write('2026-01-04', '2026-06-01');
    expect(await finalUpTo()).toBe('2026-01-09');
  });

  it('are answered by their route, which refuses what is no number of days', async () => {
    const kpis = (query: string) => api.get(`/api/v1/shops/${shop}/kpis${query}`);
    const answer = await kpis('');
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ days: 30 })]);
    for (const days of ['0', '367', '-1', '1e2', '30.5', 'abc', '']) {
      expect([days, (await kpis(`?days=${days}`)).status]).toEqual([days, 400]);
    }
    const range = 'start_date=2026-02-01&end_date=2026-02-10';
    const asked = await (await kpis(`?${range}&compare=previous_year`)).json();
    expect(asked).toMatchObject({ ...expected('2026-02-01', '2026-02-11'), days: 10 });
    for (const query of [
      ...['day=3', 'start_date=2026-02-01', 'end_date=2026-02-10', `${range}&days=3`, `${range}&compare=x`],
      ...['start_date=2026-02-10&end_date=2026-02-01', 'start_date=2026-02-30&end_date=2026-03-01'],
    ]) {
      expect([query, (await kpis(`?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await api.get('/api/v1/shops/shop-404/kpis')).status).toBe(404);
  });
});

describe('customers', () => {
  const customers = (query: string) => api.get(`/api/v1/shops/${shop}/analytics/customers?${query}`);
  const range = `start_date=${first}&end_date=2026-03-05`;
  type Row = { date: string };

  it('are new in the period of their first paid order and return in later ones', async () => {
    const { data } = (await (await customers(`${range}&limit=500`)).json()) as { data: Row[] };
    expect(data).toHaveLength(days);
    for (const [nth, row] of data.entries()) {
      const day = addDays(first, nth);
      const { net_gmv, items_sold, cancelled_orders, ...rest } = expected(day, addDays(day, 1));
      expect(row).toEqual({ date: day, currency: 'USD', ...rest });
    }
    const weeks = (await (await customers(`${range}&granularity=week&limit=500`)).json()) as { data: Row[] };
    for (const row of weeks.data) {
      const end = addDays(row.date, 7);
      const { new_customers, customers: all } = expected(row.date, end < '2026-03-06' ? end : '2026-03-06');
      expect(row).toMatchObject({ new_customers, customers: all });
    }
  });

  it('are the same in pages and in a file', async () => {
    const rows: Row[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer = await customers(`${range}&limit=25&with_total=true${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { data: Row[]; next_cursor: string | null; total: number };
      expect(page.total).toBe(days);
      rows.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(rows.map(({ date }) => date)).toEqual(
      Array.from({ length: days }, (_, nth) => addDays(first, nth)),
    );
    const file = await (await customers(`${range}&format=csv`)).text();
    expect(file.trim().split(/\r?\n/)).toHaveLength(days + 1);
    expect((await customers('start_date=2026-03-02&end_date=2026-03-01')).status).toBe(400);
    expect((await customers(`${range}&granularity=year`)).status).toBe(400);
  });
});

describe('insights', () => {
  const from = '2026-02-04';
  /** Units of each product on each of thirty days; one of the days was not read. */
  const units: Record<string, number> = { fast: 10, slow: 1, gone: 3, hidden: 9 };

  beforeAll(async () => {
    for (let nth = 0; nth < 29; nth++) {
      const rows = Object.entries(units).map(([product_id, items]) => ({
        ...{ product_id, items_sold: String(items), orders_count: String(items) },
        gmv: `${items * 5}.00`,
      }));
      const date = addDays(from, nth);
      await writeTestDay(api.sql, { shopId: shop, stream: 'products', date, rows });
      if (date < '2026-03-04') {
        const gmv = nth === 20 ? '900.00' : `${100 + (nth % 5)}.00`;
        await writeTestDay(api.sql, { shopId: shop, stream: 'shop', date, rows: [{ gmv }] });
      }
    }
    await api.sql`
      insert into products (shop_id, product_id, title, status, stock, created_at, observed_at)
      select ${shop}, id, 'Tea ' || id, status, stock, created_at::timestamptz, now() from (values
        ('fast', 'ACTIVATE', 25, '2025-01-01'), ('slow', 'ACTIVATE', 900, '2025-01-01'),
        ('gone', 'ACTIVATE', null, '2025-01-01'), ('hidden', 'FREEZE', 5, '2025-01-01'),
        ('unsold', 'ACTIVATE', 7, '2025-01-01'), ('new', 'ACTIVATE', 7, '2026-03-01')
      ) as given (id, status, stock, created_at)`;
  });

  it('tell best sellers, slow movers, what runs out and unusual days', async () => {
    const found = await readInsights(scopeToShop(shop), api.sql, { days: 30, limit: 10, now });
    const ids = (rows: { product_id: string }[]) => rows.map(({ product_id: id }) => id);
    expect(found).toMatchObject({ start_date: from, end_date: '2026-03-05', currency: 'USD' });
    expect(ids(found.best_sellers)).toEqual(['fast', 'hidden', 'gone', 'slow']);
    expect(found.best_sellers[0]).toEqual({
      ...{ product_id: 'fast', title: 'Tea fast', gmv: '1450.00', items_sold: 290, stock: 25 },
      // 25 units at ten a day; 10 of 23 units of the same price.
      ...{ days_of_stock: '2.5', share: '43.48' },
    });
    expect(ids(found.slow_movers)).toEqual(['unsold', 'slow']);
    expect(found.slow_movers.map((row) => row.days_of_stock)).toEqual([null, '900.0']);
    expect(ids(found.running_out)).toEqual(['fast', 'slow']);
    expect(found.unusual_days).toEqual([
      // Median 102, median deviation 1: 0.6745 × 798.
      { date: addDays(from, 20), gmv: '900.00', usual: '102.00', score: '538.25' },
      { date: '2026-03-05', gmv: '0.10', usual: '102.00', score: '-68.73' },
      { date: '2026-03-04', gmv: '0.20', usual: '102.00', score: '-68.66' },
    ]);
    expect(found.coverage).toMatchObject([{ days: 30, days_read: 29 }]);
  });

  it('say nothing where nothing was read, and how they are worked out', async () => {
    const early = Date.parse('2025-06-01T00:00:00Z');
    const found = await readInsights(scopeToShop(shop), api.sql, { days: 30, limit: 10, now: early });
    expect([found.best_sellers, found.slow_movers, found.running_out, found.unusual_days]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    const answer = await api.get(`/api/v1/shops/${shop}/analytics/insights`);
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as Record<string, { how: string }>;
    for (const name of ['best_sellers', 'slow_movers', 'running_out', 'unusual_days']) {
      expect(body[name]?.how.length).toBeGreaterThan(40);
    }
    for (const query of ['days=0', 'limit=101', 'limit=x', 'sort=gmv']) {
      expect((await api.get(`/api/v1/shops/${shop}/analytics/insights?${query}`)).status).toBe(400);
    }
  });
});
