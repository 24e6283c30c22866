import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, addYears } from '../../src/analytics/calendar.ts';
import { chance, writeTestDay } from '../support/analytics-days.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

interface Row {
  date?: string;
  brand: string | null;
  currency: string | null;
  gmv: string;
  items_sold: number;
  orders_count: number;
  products: number;
  previous?: Record<string, string | number | null>;
  change?: Record<string, number | null>;
}
interface Page {
  data: Row[];
  next_cursor: string | null;
  total?: number;
  currency: string | null;
  coverage: object[];
}
type Sale = (typeof sales)[number];

const first = '2025-12-20';
const days = 40;
const next = chance(23);
const brands = ['Harbour Tea', 'harbour tea', 'Kiln', 'Ökö 100%', null, null];
const brandOf = (product: number): string | null => brands[product % brands.length] ?? null;
const sales: { shop: string; day: string; product: number; cents: bigint; items: number; orders: number }[] =
  [];

let api: TestApi;
let shop: string;
let other: string;

const decimal = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  other = await addShop(api.sql);
  await fill(shop, 13);
  await fill(other, 7);
});
afterAll(() => api.close());

/** Sales of products on each day; the last product is in no catalogue, every other one is not for sale any more. */
async function fill(shopId: string, products: number): Promise<void> {
  for (let nth = 0; nth < days; nth++) {
    const day = addDays(first, nth);
    const ofDay = Array.from({ length: products }, (_, product) => ({
      ...{ shop: shopId, day, product, cents: BigInt(next(50_000)), items: next(3), orders: next(3) },
    }));
    sales.push(...ofDay);
    const rows = ofDay.map(({ product, cents, items, orders }) => ({
      ...{ product_id: `${shopId}-${product}`, gmv: decimal(cents) },
      ...{ items_sold: String(items), orders_count: String(orders) },
    }));
    await writeTestDay(api.sql, { shopId, stream: 'products', date: day, rows });
  }
  for (let product = 0; product < products - 1; product++) {
    await api.sql`
      insert into products (shop_id, product_id, brand_name, status, stock, category_name, observed_at)
      values (${shopId}, ${`${shopId}-${product}`}, ${brandOf(product)},
        ${product % 2 === 0 ? 'ACTIVATE' : 'DELETED'}, ${product}, ${`Category ${product % 3}`}, now())`;
  }
}

const isListed = ({ shop: shopId, product }: Sale): boolean => product !== (shopId === shop ? 12 : 6);
const ofShop = ({ shop: shopId }: Sale): boolean => shopId === shop;

/** The sums of each brand over the days, sale by sale. */
function expected(
  from: string,
  last: string,
  counts: (sale: Sale) => boolean = ofShop,
): Map<string | null, Omit<Row, 'date'>> {
  const sums = new Map<string | null, { cents: bigint; items: number; orders: number; sold: Set<string> }>();
  for (const sale of sales.filter(counts)) {
    const { day, product, cents, items, orders } = sale;
    if (day < from || day > last) continue;
    const brand = isListed(sale) ? brandOf(product) : null;
    const sum = sums.get(brand) ?? { cents: 0n, items: 0, orders: 0, sold: new Set<string>() };
    sum.cents += cents;
    sum.items += items;
    sum.orders += orders;
    if (items > 0) sum.sold.add(`${sale.shop}-${product}`);
    sums.set(brand, sum);
  }
  return new Map(
    [...sums].map(([brand, { cents, items, orders, sold }]) => [
      brand,
      {
        ...{ brand, currency: 'USD', gmv: decimal(cents) },
        ...{ items_sold: items, orders_count: orders, products: sold.size },
      },
    ]),
  );
}

const ask = (query: string) => api.get(`/api/v1/shops/${shop}/analytics/brands?${query}`);

async function read(query: string): Promise<Page> {
  const answer = await ask(query);
  expect([query, answer.status]).toEqual([query, 200]);
  return (await answer.json()) as Page;
}

describe('figures of brands', () => {
  it('are those of their products, to the cent, over any range', async () => {
    for (let round = 0; round < 12; round++) {
      const from = addDays(first, next(days));
      const last = addDays(from, next(days));
      const { data } = await read(`start_date=${from}&end_date=${last}`);
      expect(new Map(data.map((row) => [row.brand, row]))).toEqual(expected(from, last));
      const gmv = data.map((row) => BigInt(row.gmv.replace('.', '')));
      expect(gmv).toEqual([...gmv].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
    }
  });

  const range = `start_date=${first}&end_date=${addDays(first, days - 1)}`;

  it('come by month, in pages that join, and as a file', async () => {
    for (const sort of ['date', 'gmv', 'items_sold', 'orders_count', 'products']) {
      for (const order of ['asc', 'desc']) {
        const query = `${range}&granularity=month&sort=${sort}&order=${order}`;
        const all = await read(`${query}&with_total=true`);
        expect(all.total).toBe(10);
        const rows: Row[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
          const page: Page = await read(`${query}&limit=3${cursor && `&cursor=${cursor}`}`);
          rows.push(...page.data);
          cursor = page.next_cursor;
        }
        expect(rows).toEqual(all.data);
      }
    }
    const december = expected(first, '2025-12-31');
    const { data } = await read(`${range}&granularity=month`);
    for (const { date, ...row } of data.filter((one) => one.date === '2025-12-01')) {
      expect(row).toEqual(december.get(row.brand));
    }
    const file = await (await ask(`${range}&format=csv`)).text();
    expect(file.trim().split(/\r?\n/)).toHaveLength(6);
  });

  it('are narrowed by GMV and name', async () => {
    const sums = [...expected(first, addDays(first, days - 1)).values()];
    const [kiln] = sums.filter(({ brand }) => brand === 'Kiln');
    const cents = (gmv: string) => BigInt(gmv.replace('.', ''));
    const atLeast = sums.filter(({ gmv }) => cents(gmv) >= cents(kiln?.gmv ?? '0'));
    expect((await read(`${range}&min_gmv=${kiln?.gmv}`)).data).toHaveLength(atLeast.length);
    const named = async (search: string) =>
      (await read(`${range}&search=${encodeURIComponent(search)}`)).data.map(({ brand }) => brand).sort();
    expect(await named('HARBOUR')).toEqual(['Harbour Tea', 'harbour tea']);
    expect(await named('100%')).toEqual(['Ökö 100%']);
    expect(await named("' or 1=1 --")).toEqual([]);
  });

  it('are those of the products that filters leave, to the cent', async () => {
    const live = ({ product }: Sale): boolean => product % 2 === 0;
    const cases: [query: string, counts: (sale: Sale) => boolean][] = [
      ['status=live', (sale) => isListed(sale) && live(sale)],
      ['status=hidden', (sale) => !isListed(sale) || !live(sale)],
      ['stock_below=5', (sale) => isListed(sale) && sale.product < 5],
      ['category=category%201', (sale) => isListed(sale) && sale.product % 3 === 1],
      ['brand=HARBOUR%20tea', (sale) => isListed(sale) && /harbour/i.test(brandOf(sale.product) ?? '')],
      ['status=live&brand=kiln', (sale) => isListed(sale) && live(sale) && brandOf(sale.product) === 'Kiln'],
    ];
    for (const [query, counts] of cases) {
      const last = addDays(first, days - 1);
      const { data } = await read(`${range}&${query}`);
      const sums = expected(first, last, (sale) => ofShop(sale) && counts(sale));
      expect([query, new Map(data.map((row) => [row.brand, row]))]).toEqual([query, sums]);
    }
  });

  it('add up over shops of one currency', async () => {
    const last = addDays(first, days - 1);
    const { data, currency, coverage } = await read(`${range}&shops=${other}&shops=${shop}`);
    expect(new Map(data.map((row) => [row.brand, row]))).toEqual(expected(first, last, () => true));
    expect([currency, coverage]).toEqual(['USD', [expect.anything(), expect.anything()]]);
    const foreign = await addShop(api.sql, { currency: 'EUR' });
    const refused = await ask(`${range}&shops=${foreign}`);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('EUR and USD')]);
    expect((await ask(`${range}&shops=shop-404`)).status).toBe(404);
  });

  it.each(['previous_period', 'previous_year'])('are compared with the %s', async (compare) => {
    const from = addDays(first, 25);
    const last = addDays(first, 33);
    const before =
      compare === 'previous_year'
        ? expected(addYears(from, -1), addYears(last, -1))
        : expected(addDays(from, -9), addDays(from, -1));
    const now = expected(from, last);
    const { data } = await read(`start_date=${from}&end_date=${last}&compare=${compare}&limit=3`);
    expect(data).toHaveLength(3);
    for (const { previous, change, ...row } of data) {
      expect(row).toEqual(now.get(row.brand));
      const then = before.get(row.brand);
      for (const figure of ['gmv', 'items_sold', 'orders_count', 'products'] as const) {
        const value = then?.[figure] ?? null;
        expect([row.brand, figure, previous?.[figure]]).toEqual([row.brand, figure, value]);
        const growth = value === null ? null : (100 * (Number(row[figure]) - Number(value))) / Number(value);
        if (growth === null) expect(change?.[figure]).toBeNull();
        else expect(change?.[figure]).toBeCloseTo(growth, 1);
      }
    }
    const file = await (
      await ask(`start_date=${from}&end_date=${last}&compare=${compare}&format=csv`)
    ).text();
    expect(file.split('\r\n')[0]).toContain('products,previous.gmv,previous.items_sold');
    expect(file.trim().split('\r\n')).toHaveLength(1 + now.size);
  });

  it('refuse what they cannot tell', async () => {
    for (const query of [
      'start_date=2026-03-02&end_date=2026-03-01',
      'start_date=1990-01-01&end_date=2026-03-01',
      `${range}&sort=date`,
      `${range}&sort=brand`,
      `${range}&min_gmv=abc`,
      `${range}&min_gmv=-1`,
      `${range}&min_gmv=1e9`,
      `${range}&cursor=abc`,
      `${range}&granularity=year`,
      `${range}&status=gone`,
      `${range}&stock_below=-1`,
      `${range}&compare=next_year`,
      `${range}&account_type=OFFICIAL_ACCOUNTS`,
    ]) {
      expect([query, (await ask(query)).status]).toEqual([query, 400]);
    }
    const { next_cursor: cursor } = await read(`${range}&limit=2`);
    expect((await ask(`${range}&limit=2&sort=items_sold&cursor=${cursor}`)).status).toBe(400);
    expect((await api.get(`/api/v1/shops/shop-404/analytics/brands?${range}`)).status).toBe(404);
  });
});
