import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { searchOrders } from '../../src/db/queries/find-orders.ts';
import { decodeCursor, type OrderPosition, type OrderSort } from '../../src/db/queries/order-cursor.ts';
import type { OrderFilters } from '../../src/db/queries/order-filters.ts';
import { listOrders, type OrderListQuery } from '../../src/db/queries/orders.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { rollUpOrderDays } from '../../src/db/reports/order-day-totals.ts';
import { groupOrders, planCounting } from '../../src/db/reports/order-groups.ts';
import { readOrderStatistics } from '../../src/db/reports/order-statistics.ts';
import { addShop } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const sorts: readonly OrderSort[] = ['created_at', 'updated_at', 'total_amount'];
const directions = ['asc', 'desc'] as const;
const statuses = ['UNPAID', 'AWAITING_SHIPMENT', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'CANCELLED'];
const words = ['tea', 'pot', 'harbour', 'linen'];
const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

interface Order {
  order_id: string;
  status: string;
  created_at: Date;
  updated_at: Date;
  total_amount: string;
  buyer_id: string;
  tracking_number: string | null;
}

interface Line {
  order_id: string;
  product_id: string;
  sku_id: string;
  product_name: string;
}

let database: TestDatabase;
let sql: Sql;
let shopId: string;
let orders: Order[];
let lines: Map<string, Line[]>;

/** A repeatable source of chance. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function randomOrder(next: (below: number) => number, orderId: string): Order {
  // Whole hours and few totals, so that many orders share a place in every sort.
  const created = start + next(60 * 24) * hour;
  return {
    order_id: orderId,
    status: statuses[next(statuses.length)] ?? '',
    created_at: new Date(created),
    updated_at: new Date(created + next(10 * 24) * hour),
    total_amount: `${next(60)}.${next(2)}0`,
    buyer_id: `b${next(200)}`,
    tracking_number: next(2) === 0 ? null : `TRK${next(5000)}`,
  };
}

function randomLines(next: (below: number) => number, orderId: string): Line[] {
  return Array.from({ length: 1 + next(2) }, () => {
    // One product is in nearly every order, the others are rare.
    const product = next(3) > 0 ? 0 : next(40);
    const product_name = `${words[product % words.length]} ${product}`;
    return { order_id: orderId, product_id: `p${product}`, sku_id: `s${product}-${next(2)}`, product_name };
  });
}

async function store(some: readonly Order[], linesOf: (orderId: string) => readonly Line[]): Promise<void> {
  const fixed = { shop_id: shopId, currency: 'USD', items_count: 1, row_hash: 1, page_id: 1, page_index: 0 };
  await sql.begin(async (tx) => {
    await tx`insert into orders ${tx(some.map((order) => ({ ...fixed, ...order, observed_at: order.updated_at })))}`;
    const rows = some.flatMap(({ order_id }) =>
      linesOf(order_id).map((line, position) => ({ ...line, shop_id: shopId, position, unit_price: '1' })),
    );
    await tx`insert into line_items ${tx(rows)}`;
  });
}

async function fill(seed: number, count: number): Promise<void> {
  const next = chance(seed);
  shopId = await addShop(sql);
  orders = Array.from({ length: count }, (_, number) => randomOrder(next, `57${number}`));
  lines = new Map(orders.map(({ order_id }) => [order_id, randomLines(next, order_id)]));
  await store(orders, (orderId) => lines.get(orderId) ?? []);
  await sql`analyze orders`;
  await sql`analyze line_items`;
}

function matches(order: Order, filters: OrderFilters): boolean {
  const text = filters.search?.toLowerCase();
  const own = lines.get(order.order_id) ?? [];
  const has = (value: string | null): boolean =>
    text !== undefined && (value ?? '').toLowerCase().includes(text);
  const after = (time: Date, bound: string | undefined, otherwise: boolean): boolean =>
    bound === undefined ? otherwise : time >= new Date(bound);
  return (
    (filters.status === undefined || filters.status.includes(order.status)) &&
    (filters.id === undefined || filters.id === order.order_id) &&
    (filters.buyer === undefined || filters.buyer === order.buyer_id) &&
    after(order.created_at, filters.created_ge, true) &&
    !after(order.created_at, filters.created_lt, false) &&
    after(order.updated_at, filters.updated_ge, true) &&
    !after(order.updated_at, filters.updated_lt, false) &&
    (filters.min_total === undefined || Number(order.total_amount) >= Number(filters.min_total)) &&
    ((filters.product_id === undefined && filters.sku_id === undefined) ||
      own.some(
        (line) =>
          line.product_id === (filters.product_id ?? line.product_id) &&
          line.sku_id === (filters.sku_id ?? line.sku_id),
      )) &&
    (text === undefined ||
      has(order.order_id) ||
      has(order.tracking_number) ||
      own.some((line) => has(line.product_name)))
  );
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);

function inOrder(
  some: readonly Order[],
  { sort, direction }: Pick<OrderListQuery, 'sort' | 'direction'>,
): Order[] {
  const sign = direction === 'asc' ? 1 : -1;
  const key = (order: Order): number =>
    sort === 'total_amount' ? cents(order.total_amount) : order[sort].getTime();
  const byId = (left: Order, right: Order): number => (left.order_id < right.order_id ? -1 : 1);
  return some.toSorted((left, right) => sign * (key(left) - key(right) || byId(left, right)));
}

function randomFilters(next: (below: number) => number): OrderFilters {
  const instant = (): string => new Date(start + next(70 * 24) * hour).toISOString();
  const now = (of: number): boolean => next(of) === 0;
  const order = orders[next(orders.length)];
  return {
    ...(now(3) ? { status: [statuses[next(statuses.length)] ?? ''] } : {}),
    ...(now(25) ? { id: order?.order_id } : {}),
    ...(now(15) ? { buyer: order?.buyer_id } : {}),
    ...(now(4) ? { created_ge: instant() } : {}),
    ...(now(4) ? { created_lt: instant() } : {}),
    ...(now(4) ? { updated_ge: instant() } : {}),
    ...(now(4) ? { updated_lt: instant() } : {}),
    ...(now(4) ? { min_total: `${next(60)}.5` } : {}),
    ...(now(6) ? { product_id: `p${next(3) > 0 ? 0 : next(40)}` } : {}),
    ...(now(10) ? { sku_id: `s${next(40)}-0` } : {}),
    ...(now(5) ? { search: ['e', 'TEA', '57', 'trk1', '99', 'pot 1', 'zz'][next(7)] ?? '' } : {}),
  };
}

/** All pages, one after the other. */
async function walk(query: Omit<OrderListQuery, 'after'>): Promise<{ ids: string[]; totals: Set<number> }> {
  const ids: string[] = [];
  const totals = new Set<number>();
  let after: OrderPosition | null = null;
  while (true) {
    const page = await listOrders(scopeToShop(shopId), sql, { ...query, after });
    ids.push(...page.data.map((order) => order.order_id));
    if (page.total !== undefined) totals.add(page.total);
    if (page.next_cursor === null) return { ids, totals };
    expect(page.data).toHaveLength(query.limit);
    const position = decodeCursor({ shopId, ...query }, page.next_cursor);
    if (typeof position === 'string') throw new Error(`The cursor is ${position}.`);
    after = position;
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 6 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe('lists and statistics with filters of every kind', () => {
  beforeEach(async () => fill(5, 1_500));

  it.each([
    ['while every day is marked', 1, false],
    ['from roll-ups', 2, true],
  ])('equal a plain reading of all orders, %s', async (_, seed, rolledUp) => {
    if (rolledUp) await rollUpOrderDays(sql, shopId);
    const next = chance(seed);
    let most = 0;
    for (let round = 0; round < 120; round++) {
      const filters = randomFilters(next);
      const sort = sorts[next(3)] ?? 'created_at';
      const direction = directions[next(2)] ?? 'asc';
      const expected = inOrder(
        orders.filter((order) => matches(order, filters)),
        { sort, direction },
      );
      // Small pages make short walks, which then do not reach every match.
      const limit = expected.length > 100 ? 40 + next(40) : 1 + next(7);
      const { ids, totals } = await walk({ filters, sort, direction, limit, withTotal: true });
      expect([filters, sort, direction, ids]).toEqual([
        filters,
        sort,
        direction,
        expected.map((order) => order.order_id),
      ]);
      expect([filters, ...totals]).toEqual([filters, expected.length]);
      const [statistics] = await readOrderStatistics(scopeToShop(shopId), sql, filters);
      const paid = expected.filter((order) => order.status !== 'UNPAID');
      expect([filters, statistics?.total_orders ?? 0, cents(statistics?.gmv ?? '0')]).toEqual([
        filters,
        expected.length,
        paid.reduce((sum, order) => sum + cents(order.total_amount), 0),
      ]);
      most = Math.max(most, expected.length);
    }
    expect(most).toBeGreaterThan(1_000);
  });

  it('are the same whether matches are counted or what does not match is taken away', async () => {
    await rollUpOrderDays(sql, shopId);
    const thirdDay = new Date(start + 48 * hour);
    await sql`update orders set status = 'CANCELLED' where shop_id = ${shopId} and created_at < ${thirdDay}`;
    const next = chance(3);
    for (let round = 0; round < 60; round++) {
      const filters: OrderFilters = {
        ...randomFilters(next),
        ...{ id: undefined, buyer: undefined, product_id: undefined, sku_id: undefined, search: undefined },
        min_total: `${next(60)}.5`,
      };
      await sql.begin('isolation level repeatable read read only', async (tx) => {
        const scope = scopeToShop(shopId);
        const plan = await planCounting(scope, tx, filters, searchOrders(scope, tx, filters));
        const read = (from: 'matches' | 'days without others') => tx`
          select currency, status, date::text, sum(orders)::bigint as orders, sum(amount) as amount
          from (${groupOrders(scope, tx, { ...plan, from })}) as g
          group by 1, 2, 3 having sum(orders) <> 0 order by 1, 2, 3`;
        expect([...(await read('days without others'))]).toEqual([...(await read('matches'))]);
      });
    }
  });
});

describe('cursors', () => {
  it('show every order that does not change once, whatever changes around them', async () => {
    await fill(7, 400);
    const still = new Map(orders.map((order) => [order.order_id, order]));
    const next = chance(11);
    let number = 0;
    let isWalking = true;
    const restless: string[] = [];
    const disturb = async (): Promise<void> => {
      while (isWalking) {
        const order = randomOrder(next, `m${next(2) === 0 ? 'a' : 'z'}${number++}`);
        await store([order], () => randomLines(next, order.order_id));
        restless.push(order.order_id);
        const other = randomOrder(next, restless[next(restless.length)] ?? '');
        await sql`
          update orders set created_at = ${other.created_at}, updated_at = ${other.updated_at},
            total_amount = ${other.total_amount}, status = ${other.status}
          where shop_id = ${shopId} and order_id = ${other.order_id}`;
        if (next(4) === 0) {
          const gone = restless.splice(next(restless.length), 1);
          await sql`delete from line_items where shop_id = ${shopId} and order_id = any(${gone})`;
          await sql`delete from orders where shop_id = ${shopId} and order_id = any(${gone})`;
        }
        if (next(20) === 0) await rollUpOrderDays(sql, shopId);
      }
    };
    const disturbing = Promise.all([disturb(), disturb()]);
    try {
      for (const sort of sorts) {
        for (const direction of directions) {
          for (const filters of [{}, { status: ['COMPLETED'] }, { search: 'tea' }, { min_total: '20' }]) {
            const { ids } = await walk({ filters, sort, direction, limit: 13, withTotal: false });
            const seen = ids.filter((id) => still.has(id));
            const expected = inOrder(
              orders.filter((order) => matches(order, filters)),
              { sort, direction },
            );
            expect([sort, direction, filters, seen]).toEqual([
              sort,
              direction,
              filters,
              expected.map((order) => order.order_id),
            ]);
          }
        }
      }
    } finally {
      isWalking = false;
      await disturbing;
    }
    expect(number).toBeGreaterThan(50);
  });
});
