import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { AnalyticsClient, dates, type Row } from '../testing/analytics-client.ts';
import { writeDate } from './calendar.ts';

describe('requests of analytics and products', () => {
  let simulator: RunningSimulator;
  let shop: AnalyticsClient;

  beforeAll(async () => {
    simulator = await startSimulator({ ordersCount: 3_000, historyDays: 60, products: 150, seed: 11 });
    shop = await AnalyticsClient.connect(simulator);
  });
  afterAll(async () => simulator.stop());

  it('keeps rankings of the market behind a scope of their own', async () => {
    const path = '/analytics/202511/products/bestselling';
    const query = { date: writeDate(shop.today - 2), time_slot: '7D' };
    expect((await shop.get(path, query)).code).toBe(105005);
    const { scopes } = (
      (await shop.client.control('GET', '/grants')).grants as { scopes: string[] }[]
    )[0] ?? {
      scopes: [],
    };
    await shop.client.control('POST', '/grants/0/scopes', {
      scopes: [...scopes, 'data.bestselling.public.read'],
    });
    expect((await shop.get(path, query)).data.products).toHaveLength(100);
  });

  it('sends ids of SKUs as integers beyond what a JavaScript number holds', async () => {
    const { text } = await shop.get('/analytics/202509/shop_skus/performance', dates(shop.today - 3));
    expect(text).toMatch(/"id":17294\d{14},"product_id":17293\d{14},/);
  });

  it.each([
    ['no dates', {}],
    ['an end that is not later', { start_date_ge: '2026-03-02', end_date_lt: '2026-03-02' }],
    ['a day that is none', { start_date_ge: '2026-02-30', end_date_lt: '2026-03-02' }],
    ['another form', { start_date_ge: '20260301', end_date_lt: '2026-03-02' }],
    ['a century', { start_date_ge: '1926-03-01', end_date_lt: '2026-03-02' }],
    ['an unknown field to sort by', { ...dates(20_000), sort_field: 'moons' }],
    ['pages too big', { ...dates(20_000), page_size: '101' }],
    ['a token of nobody', { ...dates(20_000), page_token: 'abc' }],
  ])('refuses %s with the code that means many things', async (_, query) => {
    const answer = await shop.get(
      '/analytics/202509/shop_products/performance',
      query as Record<string, string>,
    );
    expect([answer.status, answer.code]).toEqual([400, 36009004]);
  });

  it('has nothing in lists after the latest available day, and half a day in the shop performance', async () => {
    const list = await shop.get('/analytics/202509/shop_products/performance', dates(shop.today));
    expect(list.data.latest_available_date).toBe(writeDate(shop.today - 1));
    expect(list.data.products).toEqual([]);
    const answer = await shop.get('/analytics/202509/shop/performance', {
      ...dates(shop.today - 2, shop.today + 1),
      granularity: '1D',
    });
    expect((answer.data.performance as { intervals: unknown[] }).intervals).toHaveLength(3);
  });

  it('lists what was sold only, where it is told to', async () => {
    const sold = new Set((await shop.sales(shop.today - 8)).map((sale) => sale.product_id));
    await shop.control('POST', '', { listing: 'sold' });
    const products = await shop.walk(
      '/analytics/202509/shop_products/performance',
      'products',
      dates(shop.today - 8),
    );
    await shop.control('POST', '', { listing: 'catalogue' });
    expect(new Set(products.map(({ id }) => id))).toEqual(sold);
  });

  it('refuses what the shop has no scope for', async () => {
    await shop.control('POST', '', { withheld_scopes: ['data.shop_analytics.public.read'] });
    const answer = await shop.get('/analytics/202509/shop/performance', dates(shop.today - 2));
    await shop.control('POST', '', { withheld_scopes: [] });
    expect([answer.status, answer.code]).toEqual([401, 105005]);
  });

  it('lets the schema drift on demand', async () => {
    const asked = async (drift: string, field = 'orders'): Promise<Row> => {
      await shop.client.control('POST', '/faults', {
        kind: 'drift',
        route: 'analytics_products',
        drift,
        field,
      });
      const { data } = await shop.get('/analytics/202509/shop_products/performance', dates(shop.today - 3));
      return (data.products as { overall_performance: Row }[])[0]?.overall_performance ?? ({} as Row);
    };
    expect(await asked('missing_field')).not.toHaveProperty('orders');
    expect(await asked('null_field')).toHaveProperty('orders', null);
    expect(typeof (await asked('retyped_field')).orders).toBe('string');
    expect(await asked('new_field', 'hologram_seal')).toHaveProperty('hologram_seal');
  });

  it('lists every product with its SKUs, and tells brand and category in the detail', async () => {
    const found: Row[] = [];
    let token = '';
    do {
      const page = await shop.client.call('/product/202502/products/search', {
        body: JSON.stringify({ status: 'ALL' }),
        query: { page_size: '100', ...(token === '' ? {} : { page_token: token }) },
      });
      found.push(...(page.data.products as Row[]));
      token = page.data.next_page_token ?? '';
    } while (token !== '');
    expect(new Set(found.map(({ id }) => id)).size).toBe(150);
    const detail = await shop.get(`/product/202309/products/${String(found[0]?.id)}`);
    expect(detail.data).toMatchObject({
      brand: { name: expect.any(String) },
      category_chains: [{}, { is_leaf: true }],
    });
    expect((await shop.get('/product/202309/products/17')).code).toBe(12052034);
  });
});
