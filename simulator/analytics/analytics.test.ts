import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { AnalyticsClient, cents, dates, type Row } from '../testing/analytics-client.ts';
import { writeDate } from './calendar.ts';

const day = 86_400;

describe('analytics of a simulated shop', () => {
  let simulator: RunningSimulator;
  let shop: AnalyticsClient;

  beforeAll(async () => {
    simulator = await startSimulator({ ordersCount: 3_000, historyDays: 60, products: 150, seed: 11 });
    shop = await AnalyticsClient.connect(simulator);
  });
  afterAll(async () => simulator.stop());

  it('adds up to the same sums from whichever side it is looked at', async () => {
    for (const from of [shop.today - 9, shop.today - 30, shop.today - 1]) {
      const counted = (await shop.sales(from)).filter((sale) => sale.counted_as === 'paid');
      const truth = cents(counted.map((sale) => sale.amount));
      expect(truth).toBeGreaterThan(0);
      const answer = await shop.get('/analytics/202609/shop/performance', dates(from));
      const [interval] = (
        answer.data.performance as { intervals: { sales: Record<string, { amount: string }> }[] }
      ).intervals;
      expect(cents([interval?.sales.gmv?.amount])).toBe(truth);
      const products = await shop.walk(
        '/analytics/202509/shop_products/performance',
        'products',
        dates(from),
      );
      expect(products).toHaveLength(150);
      const own = products.map(
        (row) => (row as { overall_performance: { gmv: { amount: string } } }).overall_performance,
      );
      expect(cents(own.map(({ gmv }) => gmv.amount))).toBe(truth);
      const skus = await shop.walk('/analytics/202509/shop_skus/performance', 'skus', dates(from));
      expect(cents(skus.map((row) => (row as { gmv: { amount: string } }).gmv.amount))).toBe(truth);
      const hours = await shop.get(
        `/analytics/202510/shop/performance/${writeDate(from)}/performance_per_hour`,
      );
      if (from > shop.today - 30) {
        const { intervals } = hours.data.performance as { intervals: { gmv: { amount: string } }[] };
        expect(intervals).toHaveLength(24);
        expect(cents(intervals.map(({ gmv }) => gmv.amount))).toBe(truth);
      } else expect(hours.code).toBe(36009004);
    }
  });

  it('gives every unit to one content, and every creator what the contents sold', async () => {
    const gmvOf = (row: Row): unknown => (row.gmv as { amount: string }).amount;
    let [liveDays, minutesSeen] = [0, 0];
    for (let from = shop.today - 12; from < shop.today; from += 1) {
      const counted = (await shop.sales(from)).filter((sale) => sale.counted_as === 'paid');
      const of = (type: string): number =>
        cents(counted.filter((sale) => sale.content_type === type).map((sale) => sale.amount));
      const videos = await shop.walk('/analytics/202509/shop_videos/performance', 'videos', dates(from));
      expect(cents(videos.map(gmvOf))).toBe(of('VIDEO'));
      const overview = await shop.get('/analytics/202509/shop_videos/overview_performance', dates(from));
      expect(cents((overview.data.performance as { intervals: Row[] }).intervals.map(gmvOf))).toBe(
        of('VIDEO'),
      );
      const lives = await shop.walk(
        '/analytics/202509/shop_lives/performance',
        'live_stream_sessions',
        dates(from),
      );
      expect(cents(lives.map((row) => gmvOf(row.sales_performance as Row)))).toBe(of('LIVE'));
      if (of('LIVE') > 0) liveDays += 1;
      for (const live of lives) {
        const path = `/analytics/202510/shop_lives/${String(live.id)}/performance_per_minutes`;
        const own = live.interaction_performance !== undefined;
        const first = await shop.get(path);
        expect(first.code).toBe(own ? 0 : 66009315);
        if (!own) continue;
        const { overall } = first.data.performance as { overall: Row };
        const second = await shop.get(path, { page_token: first.data.next_page_token ?? '' });
        const pages = first.data.next_page_token ? [first, second] : [first];
        const minutes = pages.flatMap((page) => (page.data.performance as { intervals: Row[] }).intervals);
        expect(cents(minutes.map((row) => gmvOf(row.sales as Row)))).toBe(cents([gmvOf(overall)]));
        minutesSeen += minutes.length;
        const products = await shop.get(`/analytics/202512/shop/${String(live.id)}/products_performance`);
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
    const [from, to] = [shop.today - 25, shop.today - 20];
    const expected = (await shop.sales(from, to)).filter(
      (sale) => sale.counted_as === 'paid' && sale.account_type === 'AFFILIATE_ACCOUNTS',
    );
    const orders: Row[] = [];
    let token = '';
    do {
      const page = await shop.client.call('/affiliate_seller/202410/orders/search', {
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
    const [from, to] = [shop.today - 40, shop.today - 10];
    const counted = (await shop.sales(from, to)).filter(
      (sale) => sale.counted_as === 'paid' && sale.content_type === 'VIDEO',
    );
    const id = String(counted[0]?.product_id);
    const { data } = await shop.get(`/analytics/202509/shop_products/${id}/performance`, dates(from, to));
    const { top_contents: contents } = data.performance as {
      top_contents: { type: string; contents: { gmv: { amount: string } }[] }[];
    };
    const videos = contents.find(({ type }) => type === 'VIDEO')?.contents ?? [];
    const own = counted.filter((sale) => sale.product_id === id);
    expect(cents(videos.map(({ gmv }) => gmv.amount))).toBe(cents(own.map((sale) => sale.amount)));
    const video = String(own[0]?.content_id);
    const detail = await shop.get(`/analytics/202509/shop_videos/${video}/performance`, dates(from, to));
    expect(detail.data.performance).toMatchObject({
      intervals: [{ traffic: { views: expect.any(Number) } }],
    });
    const products = await shop.get(
      `/analytics/202509/shop_videos/${video}/products/performance`,
      dates(from, to),
    );
    expect((products.data.products as Row[]).map((row) => row.id)).toContain(id);
  });

  it('counts what was paid on the day, cancelled or not, and nothing that never was', async () => {
    const from = shop.today - 20;
    const counted = (await shop.sales(from)).filter((sale) => sale.counted_as === 'paid');
    const orders = new Set(counted.map((sale) => sale.order_id));
    let expected = 0;
    for (const order of await shop.client.walk({}, {}, 100)) {
      const paid = Number(order.paid_time ?? 0);
      if (paid === 0 || shop.calendar.dayOf(paid) !== from) continue;
      expect(orders.has(order.id)).toBe(true);
      expected += cents([order.payment.sub_total]);
    }
    expect(cents(counted.map((sale) => sale.amount))).toBe(expected);
  });

  it('lets figures grow for six days and then leaves them alone', async () => {
    const from = shop.today - 1;
    const gmv = async (): Promise<number> =>
      cents((await shop.sales(from)).filter((sale) => sale.counted_as === 'paid').map((sale) => sale.amount));
    const seen: number[] = [];
    for (let later = 0; later < 9; later += 1) {
      await shop.client.control('POST', '/settings', { clock_offset_ms: later * day * 1000 });
      seen.push(await gmv());
    }
    await shop.client.control('POST', '/settings', { clock_offset_ms: 0 });
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(seen[0]).toBeLessThan(seen[6] ?? 0);
    expect(seen[8]).toBe(seen[6]);
  });

  it('restates a day when it is told to, and back', async () => {
    const from = shop.today - 12;
    const path = '/restatements';
    const before = await shop.sales(from);
    await shop.control('POST', path, { date: writeDate(from), kind: 'withdraw', count: 3 });
    expect(new Set((await shop.sales(from)).map((sale) => sale.order_id)).size).toBe(
      new Set(before.map((sale) => sale.order_id)).size - 3,
    );
    await shop.control('POST', path, { date: writeDate(from), kind: 'restore' });
    expect(await shop.sales(from)).toEqual(before);
  });
});
