import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CountedSale, readSales, type SaleSums, sumSales } from '../analytics-checker.ts';
import { dayIn, decimal, exact } from '../checker/totals.ts';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { RandomSequence } from '../random.ts';
import { TestClient } from '../testing/client.ts';

/** History that ends in the past, so that its days are settled whenever the test runs. */
const endsAt = Date.parse('2024-11-20T12:00:00Z') / 1000;

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

interface Money {
  amount: string;
  currency: string;
}

/** The exact sum of decimal texts. */
function sumOf(values: readonly Money[]): string {
  return decimal(values.reduce((sum, { amount }) => sum + (exact(amount) ?? 0n), 0n));
}

describe('analytics in every market', () => {
  let simulator: RunningSimulator;
  let client: TestClient;

  beforeAll(async () => {
    simulator = await startSimulator({
      shops: 6,
      ordersCount: 1_500,
      historyDays: 300,
      products: 60,
      seed: 17,
      now: endsAt,
    });
    client = await TestClient.connect(simulator);
  });
  afterAll(async () => simulator.stop());

  const enter = async (nth: number): Promise<{ currency: string; timeZone: string }> => {
    const { shops } = (await client.control('GET', '/shops')) as { shops: { id: string; cipher: string }[] };
    client.shopId = shops[nth]?.id ?? '';
    client.cipher = shops[nth]?.cipher ?? '';
    const shown = await client.control('GET', `/shops/${client.shopId}/analytics`);
    return { currency: String(shown.currency), timeZone: String(shown.time_zone) };
  };
  const sales = async (from: string, to: string): Promise<CountedSale[]> => {
    const found: CountedSale[] = [];
    const request = { controlUrl: simulator.controlUrl, tiktokShopId: client.shopId, from, to };
    for await (const sale of readSales(request)) found.push(sale);
    return found;
  };
  const list = async <Row>(path: string, name: string, query: Record<string, string>): Promise<Row[]> => {
    const rows: Row[] = [];
    let token = '';
    do {
      const answer = await client.call(path, {
        method: 'GET',
        query: { page_size: '37', ...query, ...(token === '' ? {} : { page_token: token }) },
      });
      if (answer.code !== 0) throw new Error(answer.message);
      rows.push(...(answer.data[name] as Row[]));
      token = answer.data.next_page_token ?? '';
    } while (token !== '');
    return rows;
  };
  const money = (sums: SaleSums | undefined): string => decimal(sums?.gmv ?? 0n);

  it.each([0, 1, 2, 3, 4, 5])('adds up over random ranges and filters in shop %i', async (nth) => {
    const { currency } = await enter(nth);
    const random = new RandomSequence(nth + 1);
    for (let turn = 0; turn < 4; turn += 1) {
      const from = addDays('2024-11-19', -random.below(280));
      const to = addDays(from, 1 + random.below(60));
      const range = { start_date_ge: from, end_date_lt: to };
      const paid = (await sales(from, addDays(to, -1))).filter(({ countedAs }) => countedAs === 'paid');
      const all = sumSales(paid, () => 'all').get('all');
      const products = await list<{ id: string; overall_performance: { gmv: Money; orders: number } }>(
        '/analytics/202509/shop_products/performance',
        'products',
        range,
      );
      const byProduct = sumSales(paid, ({ productId }) => productId);
      for (const { id, overall_performance: figures } of products) {
        const expected = byProduct.get(id);
        expect(decimal(exact(figures.gmv.amount) ?? -1n)).toBe(money(expected));
        expect(figures.orders).toBe(Number(expected?.orders ?? 0n));
        expect(figures.gmv.currency).toBe(currency);
        expect(figures.gmv.amount).toMatch(
          currency === 'JPY' || currency === 'IDR' ? /^\d+$/ : /^\d+\.\d\d$/,
        );
      }
      expect(sumOf(products.map(({ overall_performance: { gmv } }) => gmv))).toBe(money(all));
      for (const accountType of ['ALL', 'OFFICIAL_ACCOUNTS', 'MARKETING_ACCOUNTS', 'AFFILIATE_ACCOUNTS']) {
        const videos = await list<{ gmv: Money }>('/analytics/202509/shop_videos/performance', 'videos', {
          ...range,
          account_type: accountType,
        });
        const lives = await list<{ sales_performance: { gmv: Money } }>(
          '/analytics/202509/shop_lives/performance',
          'live_stream_sessions',
          { ...range, account_type: accountType },
        );
        const of = (type: string): string =>
          money(
            sumSales(paid, (sale) =>
              sale.contentType === type && (accountType === 'ALL' || sale.accountType === accountType)
                ? 'all'
                : null,
            ).get('all'),
          );
        expect(sumOf(videos.map(({ gmv }) => gmv))).toBe(of('VIDEO'));
        expect(sumOf(lives.map(({ sales_performance: { gmv } }) => gmv))).toBe(of('LIVE'));
      }
    }
  });

  it('cuts days where the clocks of the shop are at midnight, on days of 23 and 25 hours too', async () => {
    await enter(0);
    for (const timeZone of ['America/Los_Angeles', '-08:00', 'Asia/Ho_Chi_Minh', 'Australia/Adelaide']) {
      await client.control('POST', `/shops/${client.shopId}/analytics`, { time_zone: timeZone });
      const dayOf = dayIn(timeZone);
      const calendarDays = sumSales(
        (await sales('2024-02-01', '2024-11-15')).filter(({ countedAs }) => countedAs === 'paid'),
        ({ paidTime }) => dayOf(paidTime),
      );
      for (const [from, to] of [
        ['2024-03-08', '2024-03-12'],
        ['2024-04-05', '2024-04-09'],
        ['2024-10-04', '2024-10-08'],
        ['2024-11-01', '2024-11-06'],
      ]) {
        const answer = await client.call('/analytics/202609/shop/performance', {
          method: 'GET',
          query: { start_date_ge: from ?? '', end_date_lt: to ?? '', granularity: '1D' },
        });
        const { intervals } = answer.data.performance as {
          intervals: { start_date: string; sales: { gmv: Money; orders_count: number } }[];
        };
        for (const { start_date: date, sales: figures } of intervals) {
          expect(decimal(exact(figures.gmv.amount) ?? -1n), `${timeZone} ${date}`).toBe(
            money(calendarDays.get(date)),
          );
          expect(figures.orders_count).toBe(Number(calendarDays.get(date)?.orders ?? 0n));
        }
      }
    }
    expect(
      await client.control('POST', `/shops/${client.shopId}/analytics`, { time_zone: 'Mars/Olympus' }),
    ).toEqual({
      error: 'There is no time zone Mars/Olympus',
    });
  });
});
