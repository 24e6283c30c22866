import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { type CallOptions, type Envelope, TestClient } from '../testing/client.ts';
import { readDate, ShopCalendar, writeDate } from './calendar.ts';

const day = 86_400;

/** Sums texts of decimals with two places exactly. */
function cents(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + Math.round(Number(value) * 100), 0);
}

type Row = Record<string, unknown>;

describe('analytics of a simulated shop', () => {
  let simulator: RunningSimulator;
  let client: TestClient;
  let today: number;

  beforeAll(async () => {
    simulator = await startSimulator({ ordersCount: 3_000, historyDays: 60, products: 150, seed: 11 });
    client = await TestClient.connect(simulator);
    const shown = await client.control('GET', `/shops/${client.shopId}/analytics`);
    today = readDate(String(shown.today)) ?? 0;
  });
  afterAll(async () => simulator.stop());

  const get = (path: string, query: Record<string, string> = {}): Promise<Envelope> =>
    client.call(path, { query, method: 'GET' } satisfies CallOptions);
  const dates = (from: number, to = from + 1): Record<string, string> => ({
    start_date_ge: writeDate(from),
    end_date_lt: writeDate(to),
  });
  const walk = async (path: string, list: string, query: Record<string, string>): Promise<Row[]> => {
    const rows: Row[] = [];
    let token = '';
    do {
      const page = await get(path, {
        page_size: '100',
        ...query,
        ...(token === '' ? {} : { page_token: token }),
      });
      expect(page.code, page.message).toBe(0);
      rows.push(...(page.data[list] as Row[]));
      token = String(page.data.next_page_token ?? '');
    } while (token !== '');
    return rows;
  };
  const sales = async (from: number, to = from + 1): Promise<Record<string, unknown>[]> => {
    const query = `start_date=${writeDate(from)}&end_date=${writeDate(to - 1)}`;
    const text = await (
      await fetch(`${simulator.controlUrl}/shops/${client.shopId}/analytics/sales?${query}`)
    ).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('adds up to the same sums from whichever side it is looked at', async () => {
    for (const from of [today - 9, today - 30, today - 1]) {
      const counted = (await sales(from)).filter((sale) => sale.counted_as === 'paid');
      const truth = cents(counted.map((sale) => sale.amount));
      expect(truth).toBeGreaterThan(0);
      const shop = await get('/analytics/202609/shop/performance', dates(from));
      const [interval] = (
        shop.data.performance as { intervals: { sales: Record<string, { amount: string }> }[] }
      ).intervals;
      expect(cents([interval?.sales.gmv?.amount])).toBe(truth);
      const products = await walk('/analytics/202509/shop_products/performance', 'products', dates(from));
      expect(products).toHaveLength(150);
      const own = products.map(
        (row) => (row as { overall_performance: { gmv: { amount: string } } }).overall_performance,
      );
      expect(cents(own.map(({ gmv }) => gmv.amount))).toBe(truth);
      const skus = await walk('/analytics/202509/shop_skus/performance', 'skus', dates(from));
      expect(cents(skus.map((row) => (row as { gmv: { amount: string } }).gmv.amount))).toBe(truth);
      const hours = await get(`/analytics/202510/shop/performance/${writeDate(from)}/performance_per_hour`);
      if (from > today - 30) {
        const { intervals } = hours.data.performance as { intervals: { gmv: { amount: string } }[] };
        expect(intervals).toHaveLength(24);
        expect(cents(intervals.map(({ gmv }) => gmv.amount))).toBe(truth);
      } else expect(hours.code).toBe(36009004);
    }
  });

  it('gives every unit to one content, and every creator what the contents sold', async () => {
    const gmvOf = (row: Row): unknown => (row.gmv as { amount: string }).amount;
    let [liveDays, minutesSeen] = [0, 0];
    for (let from = today - 12; from < today; from += 1) {
      const counted = (await sales(from)).filter((sale) => sale.counted_as === 'paid');
      const of = (type: string): number =>
        cents(counted.filter((sale) => sale.content_type === type).map((sale) => sale.amount));
      const videos = await walk('/analytics/202509/shop_videos/performance', 'videos', dates(from));
      expect(cents(videos.map(gmvOf))).toBe(of('VIDEO'));
      const overview = await get('/analytics/202509/shop_videos/overview_performance', dates(from));
      expect(cents((overview.data.performance as { intervals: Row[] }).intervals.map(gmvOf))).toBe(
        of('VIDEO'),
      );
      const lives = await walk(
        '/analytics/202509/shop_lives/performance',
        'live_stream_sessions',
        dates(from),
      );
      expect(cents(lives.map((row) => gmvOf(row.sales_performance as Row)))).toBe(of('LIVE'));
      if (of('LIVE') > 0) liveDays += 1;
      for (const live of lives) {
        const path = `/analytics/202510/shop_lives/${String(live.id)}/performance_per_minutes`;
        const own = live.interaction_performance !== undefined;
        const first = await get(path);
        expect(first.code).toBe(own ? 0 : 66009315);
        if (!own) continue;
        const { overall } = first.data.performance as { overall: Row };
        const second = await get(path, { page_token: first.data.next_page_token ?? '' });
        const pages = first.data.next_page_token ? [first, second] : [first];
        const minutes = pages.flatMap((page) => (page.data.performance as { intervals: Row[] }).intervals);
        expect(cents(minutes.map((row) => gmvOf(row.sales as Row)))).toBe(cents([gmvOf(overall)]));
        minutesSeen += minutes.length;
        const products = await get(`/analytics/202512/shop/${String(live.id)}/products_performance`);
        const direct = (products.data.products as { sales: { direct_gmv: { amount: string } } }[]).map(
          ({ sales: { direct_gmv: gmv } }) => gmv.amount,
        );
        expect(cents(direct)).toBe(cents([gmvOf(overall)]));
      }
    }
    expect(liveDays).toBeGreaterThan(3);
    expect(minutesSeen).toBeGreaterThan(100);
  });

  it('lists what creators sold as affiliate orders', async () => {
    const [from, to] = [today - 25, today - 20];
    const expected = (await sales(from, to)).filter(
      (sale) => sale.counted_as === 'paid' && sale.account_type === 'AFFILIATE_ACCOUNTS',
    );
    const orders: Row[] = [];
    let token = '';
    do {
      const page = await client.call('/affiliate_seller/202410/orders/search', {
        body: JSON.stringify({ create_time_ge: (from - 1) * day, create_time_lt: (to + 2) * day }),
        query: { page_size: '50', ...(token === '' ? {} : { page_token: token }) },
      });
      orders.push(...(page.data.orders as Row[]));
      token = page.data.next_page_token ?? '';
    } while (token !== '');
    const wanted = new Set(expected.map((sale) => sale.order_id));
    const skus = orders
      .filter(({ id }) => wanted.has(id))
      .flatMap((order) => order.skus as { price: { amount: string }; quantity: number }[]);
    const sum = skus.reduce((total, { price, quantity }) => total + cents([price.amount]) * quantity, 0);
    expect(expected.length).toBeGreaterThan(10);
    expect(sum).toBe(cents(expected.map((sale) => sale.amount)));
  });

  it('tells of a product which videos, sessions and creators sold it', async () => {
    const [from, to] = [today - 40, today - 10];
    const counted = (await sales(from, to)).filter(
      (sale) => sale.counted_as === 'paid' && sale.content_type === 'VIDEO',
    );
    const id = String(counted[0]?.product_id);
    const { data } = await get(`/analytics/202509/shop_products/${id}/performance`, dates(from, to));
    const { top_contents: contents } = data.performance as {
      top_contents: { type: string; contents: { gmv: { amount: string } }[] }[];
    };
    const videos = contents.find(({ type }) => type === 'VIDEO')?.contents ?? [];
    const own = counted.filter((sale) => sale.product_id === id);
    expect(cents(videos.map(({ gmv }) => gmv.amount))).toBe(cents(own.map((sale) => sale.amount)));
    const video = String(own[0]?.content_id);
    const detail = await get(`/analytics/202509/shop_videos/${video}/performance`, dates(from, to));
    expect(detail.data.performance).toMatchObject({
      intervals: [{ traffic: { views: expect.any(Number) } }],
    });
    const products = await get(
      `/analytics/202509/shop_videos/${video}/products/performance`,
      dates(from, to),
    );
    expect((products.data.products as Row[]).map((row) => row.id)).toContain(id);
  });

  it('keeps rankings of the market behind a scope of their own', async () => {
    const path = '/analytics/202511/products/bestselling';
    const query = { date: writeDate(today - 2), time_slot: '7D' };
    expect((await get(path, query)).code).toBe(105005);
    const { scopes } = ((await client.control('GET', '/grants')).grants as { scopes: string[] }[])[0] ?? {
      scopes: [],
    };
    await client.control('POST', '/grants/0/scopes', { scopes: [...scopes, 'data.bestselling.public.read'] });
    expect((await get(path, query)).data.products).toHaveLength(100);
  });

  it('counts what was paid on the day, cancelled or not, and nothing that never was', async () => {
    const from = today - 20;
    const counted = (await sales(from)).filter((sale) => sale.counted_as === 'paid');
    const orders = new Set(counted.map((sale) => sale.order_id));
    const calendar = new ShopCalendar('-08:00');
    let expected = 0;
    for (const order of await client.walk({}, {}, 100)) {
      const paid = Number(order.paid_time ?? 0);
      if (paid === 0 || calendar.dayOf(paid) !== from) continue;
      expect(orders.has(order.id)).toBe(true);
      expected += cents([order.payment.sub_total]);
    }
    expect(cents(counted.map((sale) => sale.amount))).toBe(expected);
  });

  it('lets figures grow for six days and then leaves them alone', async () => {
    const from = today - 1;
    const gmv = async (): Promise<number> =>
      cents((await sales(from)).filter((sale) => sale.counted_as === 'paid').map((sale) => sale.amount));
    const seen: number[] = [];
    for (let later = 0; later < 9; later += 1) {
      await client.control('POST', '/settings', { clock_offset_ms: later * day * 1000 });
      seen.push(await gmv());
    }
    await client.control('POST', '/settings', { clock_offset_ms: 0 });
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(seen[0]).toBeLessThan(seen[6] ?? 0);
    expect(seen[8]).toBe(seen[6]);
  });

  it('restates a day when it is told to, and back', async () => {
    const from = today - 12;
    const path = `/shops/${client.shopId}/analytics/restatements`;
    const before = await sales(from);
    await client.control('POST', path, { date: writeDate(from), kind: 'withdraw', count: 3 });
    expect(new Set((await sales(from)).map((sale) => sale.order_id)).size).toBe(
      new Set(before.map((sale) => sale.order_id)).size - 3,
    );
    await client.control('POST', path, { date: writeDate(from), kind: 'restore' });
    expect(await sales(from)).toEqual(before);
  });

  it('sends ids of SKUs as integers beyond what a JavaScript number holds', async () => {
    const { text } = await get('/analytics/202509/shop_skus/performance', dates(today - 3));
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
    const answer = await get('/analytics/202509/shop_products/performance', query as Record<string, string>);
    expect([answer.status, answer.code]).toEqual([400, 36009004]);
  });

  it('has nothing in lists after the latest available day, and half a day in the shop performance', async () => {
    const list = await get('/analytics/202509/shop_products/performance', dates(today));
    expect(list.data.latest_available_date).toBe(writeDate(today - 1));
    expect(list.data.products).toEqual([]);
    const shop = await get('/analytics/202509/shop/performance', {
      ...dates(today - 2, today + 1),
      granularity: '1D',
    });
    expect((shop.data.performance as { intervals: unknown[] }).intervals).toHaveLength(3);
  });

  it('lists what was sold only, where it is told to', async () => {
    const path = `/shops/${client.shopId}/analytics`;
    const sold = new Set((await sales(today - 8)).map((sale) => sale.product_id));
    await client.control('POST', path, { listing: 'sold' });
    const products = await walk('/analytics/202509/shop_products/performance', 'products', dates(today - 8));
    await client.control('POST', path, { listing: 'catalogue' });
    expect(new Set(products.map(({ id }) => id))).toEqual(sold);
  });

  it('refuses what the shop has no scope for', async () => {
    const path = `/shops/${client.shopId}/analytics`;
    await client.control('POST', path, { withheld_scopes: ['data.shop_analytics.public.read'] });
    const answer = await get('/analytics/202509/shop/performance', dates(today - 2));
    await client.control('POST', path, { withheld_scopes: [] });
    expect([answer.status, answer.code]).toEqual([401, 105005]);
  });

  it('lets the schema drift on demand', async () => {
    const asked = async (drift: string): Promise<Row> => {
      await client.control('POST', '/faults', {
        kind: 'drift',
        route: 'analytics_products',
        drift,
        field: 'orders',
      });
      const { data } = await get('/analytics/202509/shop_products/performance', dates(today - 3));
      return (data.products as { overall_performance: Row }[])[0]?.overall_performance ?? ({} as Row);
    };
    expect(await asked('missing_field')).not.toHaveProperty('orders');
    expect(await asked('null_field')).toHaveProperty('orders', null);
    expect(typeof (await asked('retyped_field')).orders).toBe('string');
    expect(await asked('new_field')).toHaveProperty('hologram_seal');
  });

  it('lists every product with its SKUs, and tells brand and category in the detail', async () => {
    const found: Row[] = [];
    let token = '';
    do {
      const page = await client.call('/product/202502/products/search', {
        body: JSON.stringify({ status: 'ALL' }),
        query: { page_size: '100', ...(token === '' ? {} : { page_token: token }) },
      });
      found.push(...(page.data.products as Row[]));
      token = page.data.next_page_token ?? '';
    } while (token !== '');
    expect(new Set(found.map(({ id }) => id)).size).toBe(150);
    const detail = await get(`/product/202309/products/${String(found[0]?.id)}`);
    expect(detail.data).toMatchObject({
      brand: { name: expect.any(String) },
      category_chains: [{}, { is_leaf: true }],
    });
    expect((await get('/product/202309/products/17')).code).toBe(12052034);
  });
});
