import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { makeOrders, type OracleOrder, storeOrders } from '../support/orders.ts';

let api: TestApi;
let shop: string;
let orders: OracleOrder[];
let base: string;

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  base = `/api/v1/shops/${shop}/orders`;
  orders = makeOrders({ count: 700, seed: 7, currency: 'USD' });
  await storeOrders(api.sql, shop, orders);
  const other = await addShop(api.sql, { name: 'Other Shop' });
  await api.sql`
    insert into products (shop_id, product_id, brand_name, observed_at)
    values (${shop}, '1002', 'Harbour Tea', now()), (${shop}, '1003', 'Kiln', now()), (${other}, '1001', 'Harbour', now())`;
  await storeOrders(api.sql, other, makeOrders({ count: 40, seed: 8, currency: 'USD' }));
});
afterAll(() => api.close());

/** Whether an order has a product of the brand. */
const ofHarbour = ({ lines }: OracleOrder): boolean => lines.some((line) => line.product_id === '1002');

interface Page {
  data: Record<string, unknown>[];
  next_cursor: string | null;
  total?: number;
}

async function page(query: string): Promise<Page> {
  const response = await api.get(`${base}?${query}`);
  const body = await response.json();
  expect([query, response.status, body]).toEqual([query, 200, expect.anything()]);
  return body as Page;
}

async function walk(query: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const next: Page = await page(cursor === null ? query : `${query}&cursor=${cursor}`);
    ids.push(...next.data.map((order) => String(order.order_id)));
    cursor = next.next_cursor;
  } while (cursor !== null);
  return ids;
}

type Key = (order: OracleOrder) => number | string;
const sortKeys: Record<string, Key> = {
  created_at: (order) => order.created_at.getTime(),
  updated_at: (order) => order.updated_at.getTime(),
  total_amount: (order) => Math.round(Number(order.total_amount) * 100),
};

function expected(
  matches: (order: OracleOrder) => boolean,
  sort = 'created_at',
  direction = 'desc',
): string[] {
  const key = sortKeys[sort] as Key;
  const sign = direction === 'asc' ? 1 : -1;
  const compare = (left: number | string, right: number | string) =>
    left < right ? -1 : left > right ? 1 : 0;
  return orders
    .filter(matches)
    .sort((left, right) => sign * (compare(key(left), key(right)) || compare(left.order_id, right.order_id)))
    .map((order) => order.order_id);
}

describe('the list', () => {
  it.each(['created_at', 'updated_at', 'total_amount'])(
    'sorted by %s, page by page, both ways',
    async (sort) => {
      for (const direction of ['asc', 'desc']) {
        expect(await walk(`sort=${sort}&order=${direction}&limit=33`)).toEqual(
          expected(() => true, sort, direction),
        );
      }
    },
  );

  it('shows 50 newest orders without being asked, and counts when asked', async () => {
    const { data, next_cursor, total } = await page('');
    expect(data.map((order) => order.order_id)).toEqual(expected(() => true).slice(0, 50));
    expect(next_cursor).not.toBeNull();
    expect(total).toBeUndefined();
    expect((await page('with_total=true&limit=1')).total).toBe(700);
    expect((await page('with_total=true&status=CANCELLED&limit=1')).total).toBe(
      expected((order) => order.status === 'CANCELLED').length,
    );
  });

  it('filters as a naive reading of the same orders does', async () => {
    const sample = orders[123] as OracleOrder;
    const line = sample.lines[0] as OracleOrder['lines'][number];
    const from = orders[200]?.created_at ?? new Date();
    const to = orders[500]?.created_at ?? new Date();
    const inOffset = `${new Date(from.getTime() + 5.5 * 3_600_000).toISOString().slice(0, 19)}%2B05:30`;
    const within = (text: string | null, part: string) =>
      (text ?? '').toLowerCase().includes(part.toLowerCase());
    const found = (part: string) => (order: OracleOrder) =>
      within(order.order_id, part) ||
      within(order.tracking_number, part) ||
      order.lines.some((one) => within(one.product_name, part) || within(one.seller_sku, part));
    const cases: [string, (order: OracleOrder) => boolean][] = [
      ['status=CANCELLED&status=UNPAID', (order) => ['CANCELLED', 'UNPAID'].includes(order.status)],
      [`id=${sample.order_id}`, (order) => order.order_id === sample.order_id],
      [`buyer=${sample.buyer_id}`, (order) => order.buyer_id === sample.buyer_id],
      [
        `product_id=${line.product_id}`,
        (order) => order.lines.some((one) => one.product_id === line.product_id),
      ],
      [`sku_id=${line.sku_id}`, (order) => order.lines.some((one) => one.sku_id === line.sku_id)],
      [
        `created_ge=${from.toISOString()}&created_lt=${to.toISOString()}`,
        (order) => order.created_at >= from && order.created_at < to,
      ],
      [`created_ge=${inOffset}`, (order) => order.created_at >= from],
      [
        `updated_ge=${from.toISOString()}&updated_lt=${to.toISOString()}`,
        ({ updated_at }) => updated_at >= from && updated_at < to,
      ],
      ['min_total=50.00', (order) => Number(order.total_amount) >= 50],
      [
        `min_total=${sample.total_amount}`,
        (order) => Number(order.total_amount) >= Number(sample.total_amount),
      ],
      [`search=${sample.order_id.slice(-6)}`, found(sample.order_id.slice(-6))],
      ['search=tea', found('tea')],
      ['search=100%25', found('100%')],
      ['search=_', found('_')],
      ['search=%5C', found('\\')],
      ['search=SKU-1', found('SKU-1')],
      [
        `search=${orders.find((one) => one.tracking_number)?.tracking_number}`,
        found(orders.find((one) => one.tracking_number)?.tracking_number ?? ''),
      ],
      ['search=%F0%9F%8D%B5', found('🍵')],
      [
        `status=COMPLETED&min_total=20&search=tea&product_id=${line.product_id}`,
        (order) =>
          order.status === 'COMPLETED' &&
          Number(order.total_amount) >= 20 &&
          found('tea')(order) &&
          order.lines.some((one) => one.product_id === line.product_id),
      ],
      ["search=' or 1=1 --", found("' or 1=1 --")],
      ['id=none', () => false],
      ['status=NEVER_SEEN', () => false],
      ['brand=HARBOUR%20tea', ofHarbour],
      ['brand=Harbour', () => false],
      [
        `brand=Harbour%20Tea&status=COMPLETED&search=tea`,
        (one) => ofHarbour(one) && one.status === 'COMPLETED' && found('tea')(one),
      ],
    ];
    for (const [query, matches] of cases) {
      expect([query, await walk(`${query}&limit=90`)]).toEqual([query, expected(matches)]);
    }
  });

  it('finds a status that nobody knew when TikTok sent it', async () => {
    const [sample] = makeOrders({ count: 1, seed: 31, currency: 'USD' });
    if (!sample) throw new Error('No order was made.');
    const novel = await addShop(api.sql, { name: 'Novel Shop' });
    await storeOrders(api.sql, novel, [{ ...sample, status: 'HELD_BY_CUSTOMS' }]);
    const list = async (status: string) => {
      const response = await api.get(`/api/v1/shops/${novel}/orders?status=${status}&status=UNPAID`);
      return ((await response.json()) as Page).data.map((order) => order.order_id);
    };
    expect(await list('HELD_BY_CUSTOMS')).toEqual([sample.order_id]);
    expect(await list('COMPLETED')).toEqual([]);
  });

  it('puts the units of one SKU and price together, money as stored', async () => {
    const sample = orders.find((order) => order.lines.length > 3) as OracleOrder;
    const { data } = await page(`id=${sample.order_id}`);
    const groups = new Map<string, number>();
    for (const line of sample.lines) {
      const key = `${line.sku_id} ${line.unit_price}`;
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    const lines = data[0]?.line_items as {
      sku_id: string;
      unit_price: string;
      quantity: number;
      amount: string;
    }[];
    expect(new Map(lines.map((one) => [`${one.sku_id} ${one.unit_price}`, one.quantity]))).toEqual(groups);
    for (const line of lines) {
      const cents = Math.round(Number(line.unit_price) * 100) * line.quantity;
      expect(line.amount).toBe((cents / 100).toFixed(2));
    }
    expect(data[0]).toMatchObject({ total_amount: sample.total_amount, currency: 'USD' });
    const brandOf: Record<string, string> = { '1002': 'Harbour Tea', '1003': 'Kiln' };
    const brands = new Set(sample.lines.flatMap((one) => brandOf[one.product_id] ?? []));
    expect(data[0]?.brands).toEqual([...brands].sort());
  });

  it('keeps its place while orders arrive', async () => {
    const first = await page('limit=10');
    const [extra] = makeOrders({ count: 1, seed: 99, currency: 'USD' });
    if (!extra) throw new Error('No order was made.');
    await storeOrders(api.sql, shop, [
      { ...extra, order_id: 'zz-new', created_at: new Date('2030-01-01T00:00:00Z') },
    ]);
    const second = await page(`limit=10&cursor=${first.next_cursor}`);
    await api.sql`delete from orders where order_id = 'zz-new'`;
    await api.sql`delete from line_items where order_id = 'zz-new'`;
    expect(second.data.map((order) => order.order_id)).toEqual(expected(() => true).slice(10, 20));
  });

  it('refuses a cursor with other filters, another sort, another shop, and garbage', async () => {
    const { next_cursor } = await page('limit=10&status=COMPLETED');
    const refuse = async (path: string) => {
      const response = await api.get(path);
      const { errors } = (await response.json()) as { errors: { path: string }[] };
      expect([path, response.status, errors[0]?.path]).toEqual([path, 400, 'cursor']);
    };
    await refuse(`${base}?limit=10&cursor=${next_cursor}`);
    await refuse(`${base}?status=COMPLETED&sort=total_amount&cursor=${next_cursor}`);
    await refuse(`${base}?status=COMPLETED&order=asc&cursor=${next_cursor}`);
    await refuse(`/api/v1/shops/shop-2/orders?status=COMPLETED&cursor=${next_cursor}`);
    await refuse(`${base}?cursor=x`);
    await refuse(`${base}?cursor=${btoa('["a","b","c"]').replaceAll('=', '')}`);
    await refuse(`${base}?cursor=`);
    expect((await api.get(`${base}?limit=7&status=COMPLETED&cursor=${next_cursor}`)).status).toBe(200);
  });
});

describe('one order', () => {
  it('has packages, a status history that ends in the present, and its source', async () => {
    const sample = orders.find((order) => order.tracking_number !== null) as OracleOrder;
    const body = (await (await api.get(`${base}/${sample.order_id}`)).json()) as Record<string, unknown>;
    expect(body.status_history).toEqual([
      { status: 'UNPAID', changed_at: sample.created_at.toISOString() },
      { status: sample.status, changed_at: sample.updated_at.toISOString() },
    ]);
    expect(body.packages).toEqual([
      { package_id: `p-${sample.order_id}`, status: 'FULFILLING', tracking_number: sample.tracking_number },
    ]);
    expect(body.personal).toEqual({ recipient: { name: 'Kim' } });
  });

  it('shows personal fields to keys with write only', async () => {
    const { key } = await createKey(api.sql, { name: 'r', scopes: ['read'], shopIds: null });
    const body = await (await api.get(`${base}/${orders[0]?.order_id}`, key)).json();
    expect(body).not.toHaveProperty('personal');
  });

  it('is 404 in another shop and when it does not exist', async () => {
    expect((await api.get(`/api/v1/shops/shop-2/orders/${orders[0]?.order_id}`)).status).toBe(404);
    expect((await api.get(`${base}/1'--`)).status).toBe(404);
    expect((await api.get(`/api/v1/shops/shop-9/orders`)).status).toBe(404);
    for (const id of [
      shop,
      shop.slice(5),
      (await api.sql`select tiktok_shop_id from shops limit 1`)[0]?.tiktok_shop_id,
    ]) {
      expect((await api.get(`/api/v1/shops/${id}/orders?limit=1`)).status).toBe(200);
    }
  });
});
