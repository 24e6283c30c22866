import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { chance, writeTestDay } from '../support/analytics-days.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

interface Day {
  date: string;
  currency: string;
  orders_gmv: string;
  tiktok_gmv: string | null;
  difference: string | null;
  explained: Record<'cancelled' | 'time_zone' | 'restated' | 'other', string | null>;
  settled: boolean | null;
}

interface Payment {
  /** Minutes since the first day began in the shop's zone. */
  minute: number;
  cents: bigint;
  cancelled: boolean;
}

const first = '2026-03-01';
const days = 40;
const dayMinutes = 24 * 60;
const dayOf = (nth: number): string => addDays(first, nth);
const next = chance(7);

let api: TestApi;
let shop: string;
const payments: Payment[] = [];

/** What was paid on a day that begins so many minutes early. */
function sum(nth: number, { early = 0, without = 'nothing' as 'nothing' | 'cancelled' } = {}): bigint {
  const from = nth * dayMinutes - early;
  return payments
    .filter(({ minute }) => minute >= from && minute < from + dayMinutes)
    .filter(({ cancelled }) => without === 'nothing' || !cancelled)
    .reduce((total, { cents }) => total + cents, 0n);
}

function decimal(cents: bigint): string {
  const text = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

function cents(text: string | null | undefined): bigint {
  if (text == null) throw new Error('There is no amount.');
  return BigInt(text.replace('.', ''));
}

/** TikTok's figure of a day, read once; a second read restates it. */
const tell = (nth: number, gmv: bigint) =>
  writeTestDay(api.sql, { shopId: shop, stream: 'shop', date: dayOf(nth), rows: [{ gmv: decimal(gmv) }] });

async function storePayments(): Promise<void> {
  const start = Date.parse(`${first}T08:00:00Z`);
  for (const [index, payment] of payments.entries()) {
    const paidAt = new Date(start + payment.minute * 60_000);
    const order_id = `57${index}`;
    const withoutSubTotal = index % 5 === 0;
    const order = {
      ...{ shop_id: shop, order_id, items_count: 1, row_hash: 1, page_id: 1, page_index: 0 },
      status: payment.cancelled ? 'CANCELLED' : 'COMPLETED',
      ...{ created_at: new Date(paidAt.getTime() - 60_000), updated_at: paidAt, observed_at: paidAt },
      paid_at: paidAt,
      currency: 'USD',
      total_amount: decimal(payment.cents + 999n),
      sub_total: withoutSubTotal ? null : decimal(payment.cents),
    };
    await api.sql`insert into orders ${api.sql(order)}`;
    const lines = [1n, payment.cents - 1n].map((price, position) => ({
      ...{ shop_id: shop, order_id, position, unit_price: decimal(price) },
    }));
    await api.sql`insert into line_items ${api.sql(lines)}`;
  }
}

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  await api.sql`update shops set time_zone = '-08:00', currency = 'USD' where shop_id = ${shop}`;
  // Two hours into every day and two before its end, so that an hour moves some of them.
  for (let nth = -1; nth <= days; nth++) {
    for (const minute of [5, 31, 59, 300, 700, 1100, 1385, 1431]) {
      payments.push({
        minute: nth * dayMinutes + minute + next(4),
        cents: BigInt(100 + next(100_000)),
        cancelled: minute === 300 || (minute === 700 && next(2) === 0),
      });
    }
  }
  await storePayments();
  // Never paid, paid in another currency, and of another shop.
  await api.sql`
    insert into orders (shop_id, order_id, status, created_at, updated_at, paid_at, currency, total_amount, sub_total,
      items_count, row_hash, observed_at, page_id, page_index)
    select shop, id, status, at, at, paid, currency, 5, 5, 1, 1, at, 1, 0 from (values
      (${shop}, 'unpaid', 'UNPAID', timestamptz '2026-03-05T20:00Z', null, 'USD'),
      (${shop}, 'euros', 'COMPLETED', '2026-03-05T20:00Z', timestamptz '2026-03-05T20:00Z', 'EUR'),
      ('shop-99', 'other', 'COMPLETED', '2026-03-05T20:00Z', '2026-03-05T20:00Z', 'USD')
    ) as given (shop, id, status, at, paid, currency)`;
  for (let nth = 0; nth < days; nth++) {
    if (nth === 3) await tell(nth, sum(nth, { without: 'cancelled' }));
    else if (nth === 5) await tell(nth, sum(nth) + 1234n);
    else if (nth === 7) {
      await tell(nth, sum(nth));
      await tell(nth, sum(nth) + 500n);
      await tell(nth, sum(nth) + 777n);
    } else if (nth >= 20 && nth < 30) await tell(nth, sum(nth, { early: 60 }));
    else if (nth !== 9) await tell(nth, sum(nth));
  }
});
afterAll(() => api.close());

const path = (query: string): string => `/api/v1/shops/${shop}/analytics/order_comparison?${query}`;
const range = `start_date=${first}&end_date=${dayOf(days - 1)}`;

async function readAll(limit: number): Promise<Day[]> {
  const rows: Day[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const response = await api.get(path(`${range}&limit=${limit}${cursor && `&cursor=${cursor}`}`));
    expect(response.status).toBe(200);
    const page = (await response.json()) as { data: Day[]; next_cursor: string | null };
    rows.push(...page.data);
    cursor = page.next_cursor;
  }
  return rows;
}

describe('orders beside the figures of TikTok', () => {
  it('are compared day by day, to the cent, with the difference explained', async () => {
    const rows = await readAll(500);
    expect(rows.map(({ date }) => date)).toEqual(Array.from({ length: days }, (_, nth) => dayOf(nth)));
    for (const [nth, row] of rows.entries()) {
      expect([nth, row.orders_gmv, row.currency]).toEqual([nth, decimal(sum(nth)), 'USD']);
      if (nth === 9) {
        expect(row).toMatchObject({ tiktok_gmv: null, difference: null, settled: null });
        expect(Object.values(row.explained)).toEqual([null, null, null, null]);
        continue;
      }
      const difference = cents(row.orders_gmv) - cents(row.tiktok_gmv);
      expect([nth, row.difference]).toEqual([nth, decimal(difference)]);
      const zero = { cancelled: '0.00', time_zone: '0.00', restated: '0.00', other: '0.00' };
      const cancelled = decimal(sum(nth) - sum(nth, { without: 'cancelled' }));
      if (nth === 3) expect(row.explained).toEqual({ ...zero, cancelled });
      else if (nth === 5) expect(row.explained).toEqual({ ...zero, other: '-12.34' });
      else if (nth === 7) expect(row.explained).toEqual({ ...zero, restated: '-7.77' });
      else if (nth >= 20 && nth < 30)
        expect([nth, row.explained]).toEqual([nth, { ...zero, time_zone: row.difference }]);
      else expect([nth, row.explained]).toEqual([nth, zero]);
    }
  });

  it('are the same however the list is cut into pages', async () => {
    expect(await readAll(7)).toEqual(await readAll(500));
  });

  it('come as a file with the same figures', async () => {
    const text = await (await api.get(path(`${range}&format=csv`))).text();
    const [header, ...lines] = text.trim().split(/\r?\n/);
    expect(header?.replace('\ufeff', '')).toBe(
      'date,currency,orders_gmv,tiktok_gmv,difference,explained.cancelled,explained.time_zone,explained.restated,explained.other,settled',
    );
    expect(lines).toHaveLength(days);
    expect(lines[5]).toContain(`${dayOf(5)},USD,${decimal(sum(5))},${decimal(sum(5) + 1234n)},`);
  });

  it('refuse what is no range, no cursor of it and no shop', async () => {
    const status = async (query: string) => (await api.get(path(query))).status;
    expect(await status('start_date=2026-03-02&end_date=2026-03-01')).toBe(400);
    expect(await status('start_date=2026-02-30&end_date=2026-03-01')).toBe(400);
    expect(await status('start_date=1990-01-01&end_date=2026-03-01')).toBe(400);
    expect(await status('end_date=2026-03-01')).toBe(400);
    expect(await status(`${range}&sort=gmv`)).toBe(400);
    const page = (await (await api.get(path(`${range}&limit=2`))).json()) as { next_cursor: string };
    expect(await status(`${range}&limit=2&cursor=${page.next_cursor}`)).toBe(200);
    expect(await status(`start_date=${first}&end_date=2026-03-09&cursor=${page.next_cursor}`)).toBe(400);
    expect((await api.get(`/api/v1/shops/shop-404/analytics/order_comparison?${range}`)).status).toBe(404);
  });
});

describe('restatements', () => {
  const restatements = (query: string) => api.get(`/api/v1/shops/${shop}/analytics/restatements?${query}`);

  it('are told one by one, the last one first', async () => {
    const response = await restatements('limit=1&with_total=true');
    const page = (await response.json()) as { data: object[]; next_cursor: string; total: number };
    const [was, between, is] = [sum(7), sum(7) + 500n, sum(7) + 777n].map(decimal);
    const common = { date: dayOf(7), stream: 'shop', key: '', field: 'gmv', seen_at: expect.any(String) };
    expect(page).toMatchObject({ total: 2, data: [{ ...common, old: between, new: is }] });
    const second = (await (await restatements(`limit=1&cursor=${page.next_cursor}`)).json()) as object;
    expect(second).toEqual({ data: [{ ...common, old: was, new: between }], next_cursor: null });
  });

  it('are found by stream and day, and refuse the rest', async () => {
    const found = async (query: string) =>
      ((await (await restatements(query)).json()) as { data: object[] }).data.length;
    expect(await found(`stream=shop&start_date=${dayOf(7)}&end_date=${dayOf(7)}`)).toBe(2);
    expect(await found('stream=products')).toBe(0);
    expect(await found(`start_date=${dayOf(8)}`)).toBe(0);
    expect(await found(`end_date=${dayOf(6)}`)).toBe(0);
    for (const query of ['stream=orders', 'start_date=x', 'start_date=2026-03-02&end_date=2026-03-01']) {
      expect((await restatements(query)).status).toBe(400);
    }
    const file = await (await restatements('format=csv')).text();
    expect(file.trim().split(/\r?\n/)).toHaveLength(3);
  });
});
