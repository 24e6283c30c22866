import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { makeOrders, type OracleOrder, storeOrders } from '../support/orders.ts';

let api: TestApi;
let shop: string;
let orders: OracleOrder[];

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  orders = makeOrders({ count: 600, seed: 3, currency: 'USD' });
  await storeOrders(api.sql, shop, orders);
});
afterAll(() => api.close());

interface Statistics {
  total_orders: number;
  gmv: string;
  net_gmv: string;
  average_order_value: string | null;
  currency: string | null;
  by_status: { status: string; orders: number; gmv: string }[];
  by_day: { date: string; orders: number; gmv: string }[];
}

async function read(query = '', ofShop = shop): Promise<Statistics> {
  const response = await api.get(`/api/v1/shops/${ofShop}/orders/stats?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Statistics;
}

/** Adds in whole cents, says days by `dayOf`. */
function oracle(
  matched: readonly OracleOrder[],
  dayOf: (time: Date) => string,
  currency = 'USD',
): Statistics {
  const digits = currency === 'JPY' ? 0 : 2;
  const units = (order: OracleOrder) => BigInt(order.total_amount.replace('.', ''));
  const show = (sum: bigint) => {
    const text = String(sum).padStart(digits + 1, '0');
    return digits === 0 ? text : `${text.slice(0, -2)}.${text.slice(-2)}`;
  };
  const gmv = (some: readonly OracleOrder[]) =>
    some.filter((order) => order.status !== 'UNPAID').reduce((sum, order) => sum + units(order), 0n);
  const paid = matched.filter((order) => order.status !== 'UNPAID');
  const group = (keyOf: (order: OracleOrder) => string) =>
    [...new Set(matched.map(keyOf))]
      .map((key): [string, OracleOrder[]] => [key, matched.filter((order) => keyOf(order) === key)])
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, some]) => ({ key, orders: some.length, gmv: show(gmv(some)) }));
  const count = BigInt(paid.length);
  return {
    total_orders: matched.length,
    gmv: show(gmv(matched)),
    net_gmv: show(gmv(matched.filter((order) => order.status !== 'CANCELLED'))),
    average_order_value: count === 0n ? null : show((2n * gmv(matched) + count) / (2n * count)),
    currency,
    by_status: group((order) => order.status).map(({ key, ...rest }) => ({ status: key, ...rest })),
    by_day: group((order) => dayOf(order.created_at)).map(({ key, ...rest }) => ({ date: key, ...rest })),
  };
}

const inOffset = (hours: number) => (time: Date) =>
  new Date(time.getTime() + hours * 3_600_000).toISOString().slice(0, 10);
const inZone = (timeZone: string) => (time: Date) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    time,
  );

describe('statistics', () => {
  it.each<[string, (time: Date) => string]>([
    ['-08:00', inOffset(-8)],
    ['+00:00', inOffset(0)],
    ['+09:00', inOffset(9)],
    ['-03:30', inOffset(-3.5)],
    ['+05:45', inOffset(5.75)],
    // The orders lie on both sides of the change to daylight saving on 8 March 2026.
    ['America/Los_Angeles', inZone('America/Los_Angeles')],
    ['Asia/Kolkata', inZone('Asia/Kolkata')],
    ['UTC', inOffset(0)],
  ])('by days of %s equal a naive reading', async (timeZone, dayOf) => {
    await api.send('PATCH', `/api/v1/shops/${shop}`, { time_zone: timeZone });
    expect(await read()).toEqual(oracle(orders, dayOf));
  });

  it('counts an order at the very midnight of the shop into the new day', async () => {
    const edge = await addShop(api.sql, { time_zone: '-08:00' });
    const [before, at] = makeOrders({ count: 2, seed: 5, currency: 'USD' });
    if (!before || !at) throw new Error('No orders were made.');
    await storeOrders(api.sql, edge, [
      { ...before, status: 'COMPLETED', created_at: new Date('2026-03-02T07:59:59Z') },
      { ...at, status: 'COMPLETED', created_at: new Date('2026-03-02T08:00:00Z') },
    ]);
    expect((await read('', edge)).by_day.map(({ date }) => date)).toEqual(['2026-03-01', '2026-03-02']);
  });

  it('take the filters of the list', async () => {
    await api.send('PATCH', `/api/v1/shops/${shop}`, { time_zone: '-08:00' });
    const from = '2026-03-01T08:00:00Z';
    const matched = orders.filter(
      ({ created_at, status }) => created_at >= new Date(from) && ['COMPLETED', 'CANCELLED'].includes(status),
    );
    const query = `created_ge=${from}&status=COMPLETED&status=CANCELLED`;
    expect(await read(query)).toEqual(oracle(matched, inOffset(-8)));
  });

  it('show unpaid orders with no value, and no average where nothing was paid', async () => {
    const unpaid = await read('status=UNPAID');
    expect(unpaid).toMatchObject({ gmv: '0.00', net_gmv: '0.00', average_order_value: null });
    expect(unpaid.by_status).toEqual([{ status: 'UNPAID', orders: unpaid.total_orders, gmv: '0.00' }]);
  });

  it('are empty, not absent, where nothing matches', async () => {
    expect(await read('id=none')).toEqual({
      total_orders: 0,
      gmv: '0.00',
      net_gmv: '0.00',
      average_order_value: null,
      currency: 'USD',
      by_status: [],
      by_day: [],
    });
  });

  it('keep currencies apart', async () => {
    const both = await addShop(api.sql, { time_zone: '+09:00' });
    const dollars = makeOrders({ count: 50, seed: 11, currency: 'USD' });
    const yen = makeOrders({ count: 50, seed: 12, currency: 'JPY' });
    await storeOrders(api.sql, both, [...dollars, ...yen]);
    expect(await read('', both)).toEqual({
      by_currency: [oracle(yen, inOffset(9), 'JPY'), oracle(dollars, inOffset(9))],
    });
  });

  it('take no sort, limit or cursor', async () => {
    for (const query of ['sort=created_at', 'limit=5', 'cursor=abc', 'with_total=true']) {
      expect((await api.get(`/api/v1/shops/${shop}/orders/stats?${query}`)).status).toBe(400);
    }
  });
});
