import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool, type Sql, type Transaction } from '../../src/db/pool.ts';
import { type FoundOrders, findOrders } from '../../src/db/queries/find-orders.ts';
import { type OrderFilters, type Reach, whereOrders } from '../../src/db/queries/order-filters.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { rollUpOrderDays } from '../../src/db/reports/order-day-totals.ts';
import { readStatisticsOfSnapshot } from '../../src/db/reports/order-statistics.ts';
import { updateShop } from '../../src/shops/shops.ts';
import { addShop } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 12 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** A repeatable source of chance. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const statuses = ['UNPAID', 'AWAITING_SHIPMENT', 'COMPLETED', 'CANCELLED', 'SOMETHING_NEW'];
const zones = ['-08:00', '+14:00', '-12:00', '+05:45', 'America/Los_Angeles', 'America/St_Johns', 'UTC'];
const oddTrackings = ['a\tb', 'line\nline', 'ü-7', '100%_'];
const names = ['Green Tea', 'tea_pot 100%', 'Back\\slash', 'Ümlaut Öl', null];
const sellerSkus = ['SKU-1', 'sku-2', 'Tea', null];
const skus = ['s1', 's2', 's3', null];

/** Few have what is neither digit nor letter, so that there are days without one. */
const randomTracking = (next: (below: number) => number): string =>
  `${next(60) === 0 ? oddTrackings[next(oddTrackings.length)] : 'TRK'}${next(40)}`;
const randomId = (nth: number): string => (nth % 100 === 0 ? `o-${nth}` : `o${nth}`);

/** Line items that have nothing to do with what the order had before. */
function randomLines(next: (below: number) => number, order: { shop_id: string; order_id: string }) {
  return Array.from({ length: 1 + next(3) }, (_, position) => ({
    shop_id: order.shop_id,
    order_id: order.order_id,
    position,
    product_id: next(6) === 0 ? null : `p${next(3)}`,
    product_name: names[next(names.length)] ?? null,
    sku_id: skus[next(skus.length)] ?? null,
    seller_sku: sellerSkus[next(sellerSkus.length)] ?? null,
    tracking_number: next(3) === 0 ? randomTracking(next) : null,
    unit_price: '1.00',
  }));
}

/** Around the end of daylight saving in the zones above. */
const start = Date.UTC(2026, 9, 30);
const span = 6 * 86_400;

function randomOrder(next: (below: number) => number, shopId: string) {
  const created_at = new Date(start + next(span) * 1000);
  return {
    shop_id: shopId,
    order_id: randomId(next(300)),
    status: statuses[next(statuses.length)] ?? '',
    tracking_number: next(3) === 0 ? null : randomTracking(next),
    created_at,
    updated_at: created_at,
    currency: next(5) === 0 ? 'JPY' : 'USD',
    total_amount: `${next(500)}.${String(next(100)).padStart(2, '0')}`,
    items_count: 1,
    row_hash: 1,
    observed_at: created_at,
    page_id: 1,
    page_index: 0,
  };
}

/** One transaction of a writer: several orders, written in one of the ways in which rows can change. */
async function writeSomething(next: (below: number) => number, shopId: string): Promise<void> {
  const rows = new Map(
    Array.from({ length: 1 + next(8) }, () => randomOrder(next, shopId)).map((row) => [row.order_id, row]),
  );
  const ordered = [...rows.values()].sort((a, b) => (a.order_id < b.order_id ? -1 : 1));
  const ids = ordered.map((row) => row.order_id);
  const kind = next(10);
  const spoil = next(8) === 0;
  await sql
    .begin(async (tx) => {
      if (kind < 7) {
        await tx`
          insert into orders ${tx(ordered)}
          on conflict (shop_id, order_id) do update set status = excluded.status,
            created_at = excluded.created_at, currency = excluded.currency, total_amount = excluded.total_amount,
            tracking_number = excluded.tracking_number`;
        await tx`delete from line_items where shop_id = ${shopId} and order_id = any(${ids})`;
        await tx`insert into line_items ${tx(ordered.flatMap((order) => randomLines(next, order)))}`;
      } else {
        // In key order, as every writer of ours, so that writers cannot wait for each other in a circle.
        await tx`select 1 from orders where shop_id = ${shopId} and order_id = any(${ids}) order by order_id for update`;
        if (kind < 9) {
          await tx`
            update orders set status = 'CANCELLED', created_at = created_at + interval '7 hours'
            where shop_id = ${shopId} and order_id = any(${ids})`;
        } else {
          await tx`delete from line_items where shop_id = ${shopId} and order_id = any(${ids})`;
          await tx`delete from orders where shop_id = ${shopId} and order_id = any(${ids})`;
        }
      }
      await tx`select pg_sleep(${next(15) / 1000})`;
      if (spoil) throw new RangeError('rolled back');
    })
    .catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
    });
}

interface Cell {
  currency: string;
  status: string;
  date: string;
  orders: number;
  amount: bigint;
}

/** The plain reading: every order of the snapshot, added up here, days by JavaScript's own calendar. */
async function readPlainly(tx: Transaction, shopId: string, filters: OrderFilters): Promise<Cell[]> {
  const [shop] = await tx<{ time_zone: string }[]>`select time_zone from shops where shop_id = ${shopId}`;
  const timeZone = shop?.time_zone ?? '';
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(timeZone);
  const shift = fixed ? Number(`${fixed[1]}1`) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 : 0;
  const calendar = new Intl.DateTimeFormat('en-CA', {
    timeZone: fixed ? 'UTC' : timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const rows = await tx<{ currency: string; status: string; created_at: Date; total_amount: string }[]>`
    select currency, status, created_at, total_amount from orders where shop_id = ${shopId}`;
  const cells = new Map<string, Cell>();
  for (const { currency, status, created_at, total_amount } of rows) {
    if (filters.status !== undefined && !filters.status.includes(status)) continue;
    if (filters.created_ge !== undefined && created_at < new Date(filters.created_ge)) continue;
    if (filters.created_lt !== undefined && created_at >= new Date(filters.created_lt)) continue;
    const date = calendar.format(new Date(created_at.getTime() + shift));
    const key = `${currency} ${status} ${date}`;
    const cell = cells.get(key) ?? { currency, status, date, orders: 0, amount: 0n };
    cell.orders += 1;
    cell.amount += BigInt(total_amount.replace('.', ''));
    cells.set(key, cell);
  }
  return [...cells.values()];
}

function cents(amount: string): bigint {
  return BigInt(amount.replace('.', ''));
}

/** Compares both readings of one snapshot; returns how many orders it held. */
async function compare(shopId: string, filters: OrderFilters): Promise<number> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const read = await readStatisticsOfSnapshot(scopeToShop(shopId), tx, filters);
    const cells = await readPlainly(tx, shopId, filters);
    const sum = (some: readonly Cell[]) => ({
      orders: some.reduce((total, cell) => total + cell.orders, 0),
      gmv: some.reduce((total, cell) => total + (cell.status === 'UNPAID' ? 0n : cell.amount), 0n),
    });
    const shown = read.map(({ currency, total_orders, gmv, net_gmv, by_status, by_day }) => ({
      currency,
      orders: total_orders,
      gmv: cents(gmv),
      net: cents(net_gmv),
      by_status: by_status.map((one) => [one.status, { orders: one.orders, gmv: cents(one.gmv) }]),
      by_day: by_day.map((one) => [one.date, { orders: one.orders, gmv: cents(one.gmv) }]),
    }));
    const currencies = [...new Set(cells.map((cell) => cell.currency))].sort();
    const grouped = (some: readonly Cell[], key: 'status' | 'date') =>
      [...new Set(some.map((cell) => cell[key]))]
        .sort()
        .map((value) => [value, sum(some.filter((cell) => cell[key] === value))]);
    expect(shown).toEqual(
      currencies.map((currency) => {
        const some = cells.filter((cell) => cell.currency === currency);
        return {
          currency,
          ...sum(some),
          net: sum(some.filter((cell) => cell.status !== 'CANCELLED')).gmv,
          by_status: grouped(some, 'status'),
          by_day: grouped(some, 'date'),
        };
      }),
    );
    return sum(cells).orders;
  });
}

const texts = [
  'tea',
  'TRK1',
  'o-1',
  'o2',
  'O29',
  '100%',
  '_',
  '\\',
  'ü',
  'a\tb',
  'sku-',
  'line\nl',
  '7',
  'b1',
];

/** Ids that the filters of line items and the search find, by both ways of using what was found, and by plain reading. */
async function compareFound(shopId: string, filters: OrderFilters): Promise<number> {
  const scope = scopeToShop(shopId);
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const found = await findOrders(scope, tx, filters);
    const read = async (given: FoundOrders, reach: Reach): Promise<string[]> => {
      const rows = await tx<{ order_id: string }[]>`
        select o.order_id from orders o where ${whereOrders(scope, tx, { filters, found: given, reach })}
        order by o.order_id`;
      return rows.map((row) => row.order_id);
    };
    const rows = await tx<
      { order_id: string; tracking_number: string | null; lines: Record<string, string | null>[] }[]
    >`
      select order_id, tracking_number, (
        select coalesce(json_agg(l), '[]') from line_items l
        where l.shop_id = o.shop_id and l.order_id = o.order_id) as lines
      from orders o where shop_id = ${shopId} order by order_id`;
    const has = (text: string | null | undefined) =>
      (text ?? '').toLowerCase().includes((filters.search ?? '').toLowerCase());
    const expected = rows
      .filter(({ lines }) =>
        filters.product_id === undefined && filters.sku_id === undefined
          ? true
          : lines.some(
              (line) =>
                line.product_id === (filters.product_id ?? line.product_id) &&
                line.sku_id === (filters.sku_id ?? line.sku_id),
            ),
      )
      .filter(
        (row) =>
          filters.search === undefined ||
          has(row.order_id) ||
          has(row.tracking_number) ||
          row.lines.some((line) => [line.product_name, line.seller_sku, line.tracking_number].some(has)),
      )
      .map((row) => row.order_id);
    const many: FoundOrders = {
      lines: found.lines === null ? null : 'many',
      search: found.search === null ? null : 'many',
    };
    expect([filters, await read(found, 'page')]).toEqual([filters, expected]);
    expect([filters, await read(many, 'page')]).toEqual([filters, expected]);
    expect([filters, await read(many, 'all')]).toEqual([filters, expected]);
    return expected.length;
  });
}

function randomSearch(next: (below: number) => number): OrderFilters {
  const sku = skus[next(3)] ?? '';
  return {
    ...(next(2) === 0 ? { product_id: `p${next(3)}` } : {}),
    ...(next(3) === 0 ? { sku_id: sku } : {}),
    ...(next(3) > 0 ? { search: texts[next(texts.length)] ?? '' } : {}),
  };
}

function randomFilters(next: (below: number) => number): OrderFilters {
  const instant = () => new Date(start + next(span) * 1000).toISOString();
  return {
    ...(next(2) === 0 ? { created_ge: instant() } : {}),
    ...(next(2) === 0 ? { created_lt: instant() } : {}),
    ...(next(3) === 0 ? { status: ['COMPLETED', statuses[next(statuses.length)] ?? ''] } : {}),
  };
}

describe('totals of days and what a search reads', () => {
  it.each([1, 2, 3])(
    'equal the orders at every moment, whatever writes and rolls up meanwhile (%i)',
    async (seed) => {
      const next = chance(seed);
      const shopId = await addShop(sql, { time_zone: zones[seed] ?? 'UTC' });
      let writing = true;
      const writer = async (number: number) => {
        const own = chance(seed * 100 + number);
        for (let round = 0; round < 60; round++) await writeSomething(own, shopId);
      };
      const roller = async () => {
        while (writing) await rollUpOrderDays(sql, shopId);
      };
      const mover = async () => {
        for (let round = 0; writing && round < 20; round++) {
          await updateShop(sql, shopId, { timeZone: zones[round % zones.length] ?? 'UTC' });
        }
      };
      const reader = async () => {
        let orders = 0;
        while (writing) orders = Math.max(orders, await compare(shopId, randomFilters(next)));
        return orders;
      };
      const seeker = async () => {
        let orders = 0;
        while (writing) orders = Math.max(orders, await compareFound(shopId, randomSearch(next)));
        return orders;
      };
      const writers = Promise.all([1, 2, 3, 4].map(writer)).finally(() => {
        writing = false;
      });
      const work = [reader(), seeker(), seeker(), roller(), roller(), mover()];
      const [most, found] = await Promise.all([...work, writers]);
      expect(most).toBeGreaterThan(0);
      expect(found).toBeGreaterThan(0);

      // At rest nothing is marked, and the totals alone answer.
      await rollUpOrderDays(sql, shopId);
      expect(await sql`select 1 from order_day_marks where shop_id = ${shopId}`).toHaveLength(0);
      expect(await compare(shopId, {})).toBeGreaterThan(50);
      for (let round = 0; round < 20; round++) await compare(shopId, randomFilters(next));
      const kinds = await sql`select distinct is_plain from order_day_words where shop_id = ${shopId}`;
      expect(kinds).toHaveLength(2);
      for (const search of texts) await compareFound(shopId, { search });
      for (let round = 0; round < 20; round++) await compareFound(shopId, randomSearch(next));
    },
  );

  it('follow the time zone, and are what is read once they are rolled up', async () => {
    const shopId = await addShop(sql, { time_zone: '-08:00' });
    const next = chance(9);
    for (let round = 0; round < 30; round++) await writeSomething(next, shopId);
    await rollUpOrderDays(sql, shopId);
    for (const zone of zones) {
      await sql`update shops set time_zone = ${zone} where shop_id = ${shopId}`;
      await compare(shopId, {});
      await rollUpOrderDays(sql, shopId);
      await compare(shopId, {});
    }
    await sql`update order_day_totals set orders = orders + 1000 where shop_id = ${shopId}`;
    await expect(compare(shopId, {})).rejects.toThrow();
  });
});
