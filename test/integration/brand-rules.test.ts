import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { BrandFinder } from '../../src/brands/brand-finder.ts';
import type { BrandRule } from '../../src/brands/brand-rule.ts';
import { type BrandRulePreview, changeBrandRules } from '../../src/brands/change-brand-rules.ts';
import { describeProducts } from '../../src/db/queries/describe-products.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { writeProductDetail, writeProducts } from '../../src/db/queries/write-products.ts';
import { chance, writeTestDay } from '../support/analytics-days.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { runCommand } from '../support/command.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';

let api: TestApi;
let shop: string;
let other: string;
let base: string;
let databaseUrl: string;

const rules: BrandRule[] = [
  { kind: 'list', brands: ['Kiln', 'Harbour Tea'] },
  { kind: 'prefix', prefix: 'HT-', brand: 'Harbour Tea' },
  { kind: 'regular_expression', expression: '(?i)\\bby (\\pL+)' },
];
const titles: Record<string, string | null> = {
  '1000': 'Green Tea 100% by Ökö',
  '1001': 'HT-Tea_Pot',
  '1002': 'Cup \\ Saucer, KILN',
  '1003': 'Matcha 🍵',
  '1004': 'Kettle by Kiln',
  '1005': null,
};
const byRule: Record<string, string | null> = {
  ...{ '1000': 'Ökö', '1001': 'Harbour Tea', '1002': 'Kiln', '1003': null, '1004': 'Kiln', '1005': null },
};

beforeAll(async () => {
  api = await startTestApi();
  const { host, port, database, user, pass } = api.sql.options;
  const password = typeof pass === 'string' ? pass : '';
  databaseUrl = `postgres://${user}:${password}@${encodeURIComponent(String(host[0]))}:${port[0]}/${database}`;
});
afterAll(() => api.close());
beforeEach(async () => {
  shop = await addShop(api.sql);
  other = await addShop(api.sql);
  base = `/api/v1/shops/${shop}`;
  await read(shop, titles);
});

/** Stores products as a page of the product sync does. */
async function read(shopId: string, named: Record<string, string | null>, observedAt = new Date()) {
  const products = Object.entries(named).map(([productId, title]) => ({
    productId,
    product: {
      ...{ product_id: productId, title, status: 'ACTIVATE', currency: 'USD', stock: '5' },
      ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
    },
    skus: [],
  }));
  await api.sql.begin((tx) => writeProducts(tx, { shopId, pageId: 1, observedAt, products }));
}

async function brands(shopId = shop): Promise<Record<string, string | null>> {
  const rows = await api.sql<{ id: string; brand: string | null }[]>`
    select product_id as id, brand from products where shop_id = ${shopId} order by product_id`;
  return Object.fromEntries(rows.map(({ id, brand }) => [id, brand]));
}

const put = (given: unknown, key?: string) => api.send('PUT', `${base}/brand_rules`, { rules: given }, key);

async function set(given: readonly BrandRule[]): Promise<number> {
  const answer = await put(given);
  const body = (await answer.json()) as { rules: BrandRule[]; changed: number };
  expect([answer.status, body]).toEqual([200, { rules: given, changed: expect.any(Number) }]);
  return body.changed;
}

async function preview(given: readonly BrandRule[]): Promise<BrandRulePreview> {
  const answer = await api.send('POST', `${base}/brand_rules/preview`, { rules: given });
  expect(answer.status).toBe(200);
  return (await answer.json()) as BrandRulePreview;
}

describe('the brand of a product', () => {
  it('is found by the rules of its shop at once, for what was stored before and after', async () => {
    expect(await (await api.get(`${base}/brand_rules`)).json()).toEqual({ rules: [] });
    await read(other, titles);
    expect(await set(rules)).toBe(4);
    expect(await brands()).toEqual(byRule);
    expect(Object.values(await brands(other))).toEqual(Array(6).fill(null));
    expect(await (await api.get(`${base}/brand_rules`)).json()).toEqual({ rules });
    expect(await set(rules)).toBe(0);

    await read(shop, { ...titles, '1003': 'Matcha by Kiln', '1004': 'Kettle', '1006': 'HT-new' });
    expect(await brands()).toEqual({ ...byRule, '1003': 'Kiln', '1004': null, '1006': 'Harbour Tea' });
    const reversed: BrandRule[] = [{ kind: 'prefix', separator: ' by ' }, ...rules.slice(0, 1)];
    expect(await set(reversed)).toBe(4);
    expect(await brands()).toEqual({
      ...{ '1000': 'Green Tea 100%', '1001': null, '1002': 'Kiln', '1003': 'Matcha' },
      ...{ '1004': null, '1005': null, '1006': null },
    });
    expect(await set([])).toBe(3);
    expect(Object.values(await brands())).toEqual(Array(7).fill(null));
  });

  it('is the one that TikTok names before any that rules find', async () => {
    await set(rules);
    const detail = { brandId: '1', brandName: 'Named', categoryId: null, categoryName: null, imageUrl: null };
    const product = { productId: '1002', updatedAt: new Date() };
    await writeProductDetail(api.sql, shop, product, { ...detail, skuNames: new Map() });
    expect((await brands())['1002']).toBe('Named');
    await read(shop, { '1002': 'HT-cup' });
    await writeProductDetail(api.sql, shop, product, null);
    expect((await brands())['1002']).toBe('Named');
    expect(await set([])).toBe(3);
    expect((await brands())['1002']).toBe('Named');
    await set(rules);
    const without = { ...detail, brandId: null, brandName: null, skuNames: new Map<string, string>() };
    await writeProductDetail(api.sql, shop, product, without);
    expect((await brands())['1002']).toBe('Harbour Tea');
  });

  it('follows the names of the seller center, and what it does not name stays', async () => {
    await set(rules);
    const figures = {
      ...{ status: null, imageUrl: null, stock: null, gmv: null, itemsSold: null, ordersCount: null },
      ...{ productImpressions: null, productClicks: null },
    };
    const named = (title: string | null) =>
      describeProducts(api.sql, shop, new Date(), [{ ...figures, productId: '1007', title }]);
    await named('HT-pot');
    expect((await brands())['1007']).toBe('Harbour Tea');
    await named(null);
    expect((await brands())['1007']).toBe('Harbour Tea');
    await named('Kettle');
    expect((await brands())['1007']).toBeNull();
  });

  it('is of the last rules also where products and rules are written at once', async () => {
    const next = chance(5);
    const names = ['Kiln mug', 'HT-mug', 'mug by Ökö', 'mug', 'Kiln - mug by HT'];
    const sets: BrandRule[][] = [rules, [], [{ kind: 'prefix', separator: ' - ' }], rules.slice(0, 1)];
    const pages = Array.from({ length: 24 }, (_, page) => async () => {
      const named = Array.from(
        { length: 20 },
        () => [`2${next(90)}`, names[next(names.length)] ?? ''] as const,
      );
      await read(shop, Object.fromEntries(named), new Date(Date.now() + page));
    });
    const changes = sets.map((given) => () => set(given));
    const lane = async (work: (() => Promise<unknown>)[]) => {
      for (const one of work) await one();
    };
    await Promise.all([lane(pages.slice(0, 12)), lane(pages.slice(12)), lane(changes)]);
    const finder = new BrandFinder(sets.at(-1) ?? []);
    const stored = await api.sql<{ title: string | null; brand: string | null }[]>`
      select title, brand from products where shop_id = ${shop}`;
    expect(stored.length).toBeGreaterThan(60);
    for (const { title, brand } of stored)
      expect([title, brand]).toEqual([title, finder.find(title)?.brand ?? null]);
    expect(new Set(stored.map(({ brand }) => brand))).toEqual(new Set([null, 'Kiln']));
  });

  it('is told everywhere by the same definition', async () => {
    await storeOrders(api.sql, shop, makeOrders({ count: 60, seed: 3, currency: 'USD' }));
    const rows = Object.keys(titles).map((product_id, index) => ({
      ...{ product_id, gmv: `${index + 1}.10`, items_sold: '2', orders_count: '1' },
    }));
    await writeTestDay(api.sql, { shopId: shop, stream: 'products', date: '2026-03-01', rows });
    const range = 'start_date=2026-03-01&end_date=2026-03-01';
    const ask = async <Row>(path: string): Promise<Row[]> =>
      ((await (await api.get(`${base}/${path}`)).json()) as { data: Row[] }).data;
    type Order = { brands: string[]; line_items: { product_id: string }[] };
    for (const given of [rules, rules.slice(0, 1), []]) {
      await set(given);
      const known = await brands();
      const products = await ask<{ product_id: string; brand: string | null }>(`analytics/products?${range}`);
      expect(Object.fromEntries(products.map((row) => [row.product_id, row.brand]))).toEqual(known);
      const kiln = Object.keys(known).filter((id) => known[id] === 'Kiln');
      const filtered = await ask<{ product_id: string }>(`analytics/products?${range}&brand=KILN`);
      expect(filtered.map((row) => row.product_id).sort()).toEqual(kiln);
      const external = await api.get(`/api/v1/tik_tok_shops/${shop}/product_analytics?${range}&brand=kiln`);
      expect(((await external.json()) as { data: unknown[] }).data).toHaveLength(kiln.length);
      const sums = await ask<{ brand: string | null; products: number }>(`analytics/brands?${range}`);
      expect(sums.find(({ brand }) => brand === 'Kiln')?.products ?? 0).toBe(kiln.length);
      expect(sums.reduce((all, { products: some }) => all + some, 0)).toBe(6);
      const orders = await ask<Order>('orders?limit=500');
      for (const { brands: told, line_items: lines } of orders) {
        const own = lines.flatMap(({ product_id: id }) => known[id] ?? []);
        expect([...told].sort()).toEqual([...new Set(own)].sort());
      }
      const ofKiln = await ask<Order>('orders?limit=500&brand=kiln');
      expect(ofKiln).toEqual(orders.filter(({ brands: told }) => told.includes('Kiln')));
      const stats = (await (await api.get(`${base}/orders/stats?brand=kiln`)).json()) as object;
      expect(stats).toMatchObject({ total_orders: ofKiln.length });
      const file = await (await api.get(`${base}/orders?format=csv`)).text();
      expect(file.split('\r\n').filter((line) => line.includes('Kiln'))).toHaveLength(ofKiln.length);
      const csv = await (await api.get(`${base}/analytics/products?${range}&brand=Kiln&format=csv`)).text();
      expect(csv.trim().split('\r\n')).toHaveLength(1 + kiln.length);
    }
  });

  it('changes for many products at once, however they are divided', async () => {
    await api.sql`
      insert into products (shop_id, product_id, title, observed_at)
      select ${shop}, 'm' || lpad(n::text, 6, '0'), 'Mug no. ' || n || ' by ' || (array['Kiln', 'Ökö'])[n % 2 + 1], now()
      from generate_series(1, 12000) n`;
    expect(await set(rules)).toBe(12_004);
    const [counted] = await api.sql<{ kiln: number; oko: number }[]>`
      select count(*) filter (where brand = 'Kiln') as kiln, count(*) filter (where brand = 'Ökö') as oko
      from products where shop_id = ${shop}`;
    expect(counted).toEqual({ kiln: 6002, oko: 6001 });
    const [first] = (await preview(rules.slice(0, 1))).brands;
    expect(first).toEqual({ brand: 'Kiln', products: 6002 });
  });
});

describe('rules', () => {
  it('are tried without changing anything, and do what was said', async () => {
    await api.sql`update products set brand_name = 'Named' where shop_id = ${shop} and product_id = '1004'`;
    const seen = await preview(rules);
    expect(seen).toEqual({
      ...{ products: 6, named_by_tiktok: 1, named_by_rules: 3, unnamed: 2, changed: 3 },
      rules: [
        { kind: 'list', products: 1 },
        { kind: 'prefix', products: 1 },
        { kind: 'regular_expression', products: 1 },
      ],
      brands: ['Harbour Tea', 'Kiln', 'Ökö'].map((brand) => ({ brand, products: 1 })),
      examples: [
        { product_id: '1000', title: titles['1000'], before: null, after: 'Ökö', rule: 2 },
        { product_id: '1001', title: titles['1001'], before: null, after: 'Harbour Tea', rule: 1 },
        { product_id: '1002', title: titles['1002'], before: null, after: 'Kiln', rule: 0 },
      ],
    });
    expect(await (await api.get(`${base}/brand_rules`)).json()).toEqual({ rules: [] });
    expect(await set(rules)).toBe(seen.changed);
    expect(await preview(rules)).toMatchObject({ changed: 0, examples: [] });
    expect(await preview([])).toMatchObject({ changed: 3, unnamed: 5, brands: [] });
  });

  const list = (...names: unknown[]) => [{ kind: 'list', brands: names }];
  const refusals: [given: unknown, path: string, message: string][] = [
    [undefined, 'rules', ''],
    ['Kiln', 'rules', ''],
    [[7], 'rules.0', ''],
    [[{}], 'rules.0.kind', 'must be a rule with the kind'],
    [[{ kind: 'magic' }], 'rules.0.kind', 'must be a rule with the kind'],
    [list(), 'rules.0.brands', 'must name at least one brand.'],
    [list(''), 'rules.0.brands.0', 'must not be empty.'],
    [list('  '), 'rules.0.brands.0', 'more than white space'],
    [list('™®'), 'rules.0.brands.0', 'more than white space'],
    [list(7), 'rules.0.brands.0', ''],
    [list('a\0b'), 'rules.0.brands.0', 'contains a NUL character.'],
    [list('a\nb'), 'rules.0.brands.0', 'must be one line'],
    [list('x'.repeat(101)), 'rules.0.brands.0', 'at most 100 characters'],
    [list('Kiln', 'Ökö', 'KILN'), 'rules.0.brands.2', 'is the same brand as the one at 0'],
    [list(...Array.from({ length: 2001 }, (_, nth) => `b${nth}`)), 'rules.0.brands', 'at most 2,000 brands'],
    [[...list('a'), ...list('a')], 'rules.1', 'is the same as rule 0'],
    [
      [0, 1, 2].flatMap((one) => list(...Array.from({ length: 1800 }, (_, nth) => `b${one}-${nth}`))),
      'rules',
      'at most 5,000 brands',
    ],
    [Array.from({ length: 51 }, (_, nth) => list(`b${nth}`)[0]), 'rules', 'at most 50 rules'],
    [[{ kind: 'list', brands: ['a'], more: 1 }], 'rules.0.more', 'is not known here.'],
    [[{ kind: 'prefix' }], 'rules.0.prefix', 'or "separator" must be given'],
    [[{ kind: 'prefix', prefix: 'a', separator: '-' }], 'rules.0.prefix', 'or "separator" must be given'],
    [[{ kind: 'prefix', separator: '-', brand: 'a' }], 'rules.0.brand', 'cannot be given with a separator'],
    [[{ kind: 'prefix', prefix: '' }], 'rules.0.prefix', 'must not be empty.'],
    [[{ kind: 'prefix', prefix: ' ' }], 'rules.0.prefix', 'more than white space'],
    [[{ kind: 'regular_expression', expression: '' }], 'rules.0.expression', 'must not be empty.'],
    [[{ kind: 'regular_expression', expression: '(' }], 'rules.0.expression', 'missing closing )'],
    [[{ kind: 'regular_expression', expression: '(a)\\1' }], 'rules.0.expression', 'no back-references'],
    [[{ kind: 'regular_expression', expression: '(.{1,20}){1,20}' }], 'rules.0.expression', 'is too large'],
    [[{ kind: 'regular_expression', expression: 'x'.repeat(501) }], 'rules.0.expression', 'at most 500'],
    [
      Array.from({ length: 11 }, (_, nth) => ({ kind: 'regular_expression', expression: `a${nth}` })),
      'rules',
      'at most 10 regular expressions',
    ],
  ];
  it.each(refusals)('%j are refused', async (given, path, message) => {
    await set(rules);
    for (const [method, more] of [
      ['PUT', ''],
      ['POST', '/preview'],
    ] as const) {
      const answer = await api.send(method, `${base}/brand_rules${more}`, { rules: given });
      const body = (await answer.json()) as { errors: { path: string; message: string }[] };
      expect(answer.status).toBe(400);
      expect(body.errors).toContainEqual({ path, message: expect.stringContaining(message) });
    }
    expect(await (await api.get(`${base}/brand_rules`)).json()).toEqual({ rules });
    expect(await brands()).toEqual(byRule);
  });

  it('are refused where they take too long, and as a body that is too large', async () => {
    await set(rules);
    const slow = changeBrandRules(scopeToShop(shop), api.sql, rules.slice(2), 0);
    await expect(slow).rejects.toMatchObject({ code: 'brand-rules-too-slow', status: 400 });
    expect((await put(list('x'.repeat(11 * 1024 * 1024)))).status).toBe(413);
    expect(await brands()).toEqual(byRule);
  });

  it('are for keys that may see the shop, and change for those that administrate', async () => {
    const reader = await createKey(api.sql, {
      name: 'reader',
      scopes: ['read', 'sync', 'write'],
      shopIds: [shop],
    });
    const stranger = await createKey(api.sql, {
      name: 'stranger',
      scopes: ['read', 'admin'],
      shopIds: [other],
    });
    expect((await api.get(`${base}/brand_rules`, reader.key)).status).toBe(200);
    expect((await put(rules, reader.key)).status).toBe(403);
    expect((await put(rules, stranger.key)).status).toBe(404);
    expect((await api.get(`${base}/brand_rules`, stranger.key)).status).toBe(404);
    expect(await brands()).toMatchObject({ '1002': null });
  });
});

describe('tideline brands', () => {
  it('lists, tries and sets rules', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-brands-'));
    const file = join(folder, 'rules.json');
    const environment = {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: '127.0.0.1:1', TIDELINE_DATA_DIR: folder },
      TIDELINE_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    };
    const tideline = (...args: string[]) => runCommand(['brands', ...args, '--shop', shop], environment);
    writeFileSync(file, JSON.stringify({ rules }));
    const seen = await tideline('preview', file, '--json');
    expect([seen.code, seen.stderr]).toEqual([0, '']);
    expect(JSON.parse(seen.stdout)).toMatchObject({ products: 6, changed: 4 });
    expect((await tideline('list')).stdout).toContain('has no brand rules');
    expect((await tideline('set', file)).stdout).toContain('Products with another brand now: 4.');
    expect(await brands()).toEqual(byRule);
    expect(JSON.parse((await tideline('list', '--json')).stdout)).toEqual({ rules });
    writeFileSync(file, JSON.stringify([{ kind: 'regular_expression', expression: '(' }]));
    const refused = await tideline('set', file);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('rules.0.expression cannot be'),
    ]);
    expect((await tideline('set', join(folder, 'none.json'))).code).toBe(2);
    expect(await brands()).toEqual(byRule);
  });
});
