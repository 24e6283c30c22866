import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CountedSale, type SaleSums, sumSales } from '../../simulator/analytics-checker.ts';
import { decimal, exact } from '../../simulator/checker/totals.ts';
import { RandomSequence } from '../../simulator/random.ts';
import { dayAfter, type SoldShop, shopDay, startSoldShop } from '../support/sold-shop.ts';
import type { SyncRig } from '../support/sync-rig.ts';

interface List<Row> {
  data: Row[];
  next_cursor: string | null;
}

interface Product {
  external_id: string;
  title: string;
  status: string;
  gmv: number;
  items_sold: number;
  orders_count: number;
}

let shop: SoldShop;
let rig: SyncRig;

beforeAll(async () => {
  shop = await startSoldShop(['shop', 'products', 'videos']);
  rig = shop.rig;
});
afterAll(async () => rig.stop());

async function readAll<Row>(path: string, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor = '';
  do {
    const page = await rig.api.get<List<Row>>(`${path}&limit=${limit}${cursor}`);
    rows.push(...page.data);
    cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '');
  return rows;
}

const gmvOf = (sums: SaleSums | undefined): number => Number(decimal(sums?.gmv ?? 0n));

describe('what the API says of analytics', () => {
  it('is what the sales add up to, over any range and filter of products', async () => {
    const random = new RandomSequence(77);
    const titles = await rig.sql<{ id: string; title: string; status: string }[]>`
      select product_id as id, title, status from products`;
    expect(titles).toHaveLength(90);
    let shown = 0;
    for (let turn = 0; turn < 25; turn += 1) {
      const { from, to, sold } = shop.chosenRange(random);
      const minGmv = random.below(3) === 0 ? null : random.below(12_000) / 100;
      const status = [null, 'live', 'hidden'][random.below(3)] ?? null;
      const search = random.below(3) === 0 ? 'Tide T' : null;
      const query = new URLSearchParams({ start_date: from, end_date: to });
      if (minGmv !== null) query.set('min_gmv', minGmv.toFixed(2));
      if (status !== null) query.set('status', status);
      if (search !== null) query.set('search', search);
      const path = `/api/v1/tik_tok_shops/shop-1/product_analytics?${query}`;
      const rows = await readAll<Product>(path, 1 + random.below(40));
      const sums = sumSales(sold, ({ productId }) => productId);
      const expected = titles
        .filter((product) => status === null || (product.status === 'ACTIVATE') === (status === 'live'))
        .filter((product) => search === null || product.title.toLowerCase().includes(search.toLowerCase()))
        .filter((product) => minGmv === null || gmvOf(sums.get(product.id)) >= minGmv)
        .map(({ id, title }) => ({
          external_id: id,
          title,
          gmv: gmvOf(sums.get(id)),
          items_sold: Number(sums.get(id)?.units ?? 0n),
          orders_count: Number(sums.get(id)?.orders ?? 0n),
        }))
        .sort((left, right) => right.gmv - left.gmv || (left.external_id < right.external_id ? -1 : 1));
      const seen = rows.map(({ external_id, title, gmv, items_sold, orders_count }) => ({
        ...{ external_id, title, gmv, items_sold, orders_count },
      }));
      expect(seen, path).toEqual(expected);
      shown += rows.length;
    }
    expect(shown).toBeGreaterThan(200);
  });

  it.each(['day', 'week', 'month'])('is what the sales add up to, of the shop by %s', async (granularity) => {
    const random = new RandomSequence(granularity.length);
    for (let turn = 0; turn < 6; turn += 1) {
      const { from, to, sold } = shop.chosenRange(random);
      const rows = await readAll<{
        date: string;
        gmv: string | null;
        orders_count: number;
        items_sold: number;
      }>(
        `/api/v1/shops/shop-1/analytics/shop?start_date=${from}&end_date=${to}&granularity=${granularity}`,
        50,
      );
      const all = sumSales(sold, () => 'all').get('all');
      const total = rows.reduce((sum, { gmv }) => sum + (exact(gmv ?? '0') ?? 0n), 0n);
      expect(decimal(total)).toBe(decimal(all?.gmv ?? 0n));
      expect(rows.reduce((sum, row) => sum + Number(row.items_sold), 0)).toBe(Number(all?.units ?? 0n));
      // An order is paid once: orders of days add up.
      expect(rows.reduce((sum, row) => sum + Number(row.orders_count), 0)).toBe(Number(all?.orders ?? 0n));
      if (granularity !== 'day') continue;
      const byDay = sumSales(sold, ({ paidTime }) => shopDay(paidTime));
      for (const { date, gmv } of rows) expect(Number(gmv), date).toBe(gmvOf(byDay.get(date)));
    }
  });

  it('is what the sales add up to, of the videos of each kind of account', async () => {
    const random = new RandomSequence(5);
    for (const accountType of ['OFFICIAL_ACCOUNTS', 'MARKETING_ACCOUNTS', 'AFFILIATE_ACCOUNTS']) {
      const { from, to, sold } = shop.chosenRange(random);
      const rows = await readAll<{ video_id: string; gmv: string }>(
        `/api/v1/shops/shop-1/analytics/videos?start_date=${from}&end_date=${to}&account_type=${accountType}`,
        33,
      );
      const sums = sumSales(sold, (sale) =>
        sale.contentType === 'VIDEO' && sale.accountType === accountType ? sale.contentId : null,
      );
      for (const { video_id: id, gmv } of rows) {
        expect(Number(gmv), id).toBe(gmvOf(sums.get(id)));
        sums.delete(id);
      }
      expect([...sums.keys()]).toEqual([]);
    }
  });
});

describe('figures of brands', () => {
  interface Brand {
    brand: string | null;
    gmv: string;
    items_sold: number;
    products: number;
  }
  /** The makers of the simulator's products; it names every fourth product's brand to nobody. */
  const makers = [
    'Salt',
    'Harbour',
    'Driftwood',
    'Lantern',
    'Pebble',
    'Northwind',
    'Coral',
    'Foghorn',
    'Anchor',
  ];
  const rules = [
    { kind: 'list', brands: makers.map((maker) => `${maker} & Tide`) },
    { kind: 'regular_expression', expression: '^(Gull) & Tide', brand: 'Gull, found' },
  ];

  function brandIn(title: string, isRuled: boolean): string | null {
    const [, maker = '', number = ''] = /^(\w+) & Tide .*no\. (\d+)/.exec(title) ?? [];
    if (Number(number) % 4 !== 0) return `${maker} & Tide`;
    if (!isRuled) return null;
    return maker === 'Gull' ? 'Gull, found' : `${maker} & Tide`;
  }

  it('are what the sales add up to, by the brands of TikTok and then by rules as well', async () => {
    const random = new RandomSequence(31);
    const titles = new Map(
      (await rig.sql<{ id: string; title: string }[]>`select product_id as id, title from products`).map(
        ({ id, title }) => [id, title],
      ),
    );
    for (const isRuled of [false, true, false]) {
      await rig.api.put('/api/v1/shops/shop-1/brand_rules', { rules: isRuled ? rules : [] });
      for (let turn = 0; turn < 8; turn += 1) {
        const { from, to, sold } = shop.chosenRange(random);
        const path = `/api/v1/shops/shop-1/analytics/brands?start_date=${from}&end_date=${to}`;
        const seen = new Map((await readAll<Brand>(path, 3)).map((row) => [row.brand, row]));
        const named = new Set([...titles.values()].map((title) => brandIn(title, isRuled)));
        expect(new Set(seen.keys()), path).toEqual(named);
        const nameOf = ({ productId }: CountedSale) => brandIn(titles.get(productId) ?? '', isRuled);
        const sums = sumSales(sold, (sale) => nameOf(sale) ?? 'none');
        for (const [brand, row] of seen) {
          const own = sums.get(brand ?? 'none');
          const products = new Set(
            sold.filter((sale) => nameOf(sale) === brand).map(({ productId }) => productId),
          );
          expect(row, path).toMatchObject({
            ...{
              gmv: decimal(own?.gmv ?? 0n),
              items_sold: Number(own?.units ?? 0n),
              products: products.size,
            },
          });
        }
      }
    }
  });
});

describe('figures of orders', () => {
  it('are what the sales add up to, beside those of TikTok, day by day', async () => {
    const random = new RandomSequence(9);
    for (let turn = 0; turn < 5; turn += 1) {
      const { from, to, sold } = shop.chosenRange(random);
      const { data } = await rig.api.get<List<Record<string, unknown> & { date: string }>>(
        `/api/v1/shops/shop-1/analytics/order_comparison?start_date=${from}&end_date=${to}&limit=500`,
      );
      const byDay = sumSales(sold, ({ paidTime }) => shopDay(paidTime));
      expect(data.map(({ date }) => date)).toEqual(shop.days.filter((date) => date >= from && date <= to));
      for (const day of data) {
        const gmv = decimal(byDay.get(day.date)?.gmv ?? 0n);
        const nothing = { cancelled: '0.00', time_zone: '0.00', restated: '0.00', other: '0.00' };
        expect(day).toMatchObject({
          ...{ orders_gmv: gmv, tiktok_gmv: gmv, difference: '0.00', explained: nothing },
        });
      }
    }
  });

  it.each([1, 7, 19])('are what the sales add up to, over %i days and as many before', async (span) => {
    interface Figures {
      [figure: string]: unknown;
    }
    const kpis = await rig.api.get<Figures & { start_date: string; end_date: string; previous: Figures }>(
      `/api/v1/shops/shop-1/kpis?days=${span}`,
    );
    const firstPaid = new Map<string, string>();
    for (const { buyer, paidTime } of shop.paid) {
      const day = shopDay(paidTime);
      const known = firstPaid.get(buyer);
      if (known === undefined || day < known) firstPaid.set(buyer, day);
    }
    const expected = (from: string, last: string): Figures => {
      const within = shop.paid.filter(
        ({ paidTime }) => shopDay(paidTime) >= from && shopDay(paidTime) <= last,
      );
      const all = sumSales(within, () => 'all').get('all');
      const kept = sumSales(within, ({ orderId }) => (shop.cancelled.has(orderId) ? null : 'all')).get('all');
      const isNew = ({ buyer }: CountedSale): boolean => (firstPaid.get(buyer) ?? '') >= from;
      const by = sumSales(within, (sale) => (isNew(sale) ? 'new' : 'returning'));
      // The shop's midnight may have passed since its days were read.
      const read = within.filter(({ paidTime }) => shop.days.includes(shopDay(paidTime)));
      return {
        ...{ gmv: decimal(all?.gmv ?? 0n), net_gmv: decimal(kept?.gmv ?? 0n) },
        tiktok_gmv: decimal(sumSales(read, () => 'all').get('all')?.gmv ?? 0n),
        orders_count: Number(all?.orders ?? 0n),
        cancelled_orders: Number((all?.orders ?? 0n) - (kept?.orders ?? 0n)),
        items_sold: Number(all?.units ?? 0n),
        customers: Number(all?.customers ?? 0n),
        new_customers: Number(by.get('new')?.customers ?? 0n),
        returning_customers: Number(by.get('returning')?.customers ?? 0n),
        new_gmv: decimal(by.get('new')?.gmv ?? 0n),
        returning_gmv: decimal(by.get('returning')?.gmv ?? 0n),
      };
    };
    const { start_date: from, end_date: last } = kpis;
    expect(kpis).toMatchObject(expected(from, last));
    expect(kpis.previous).toMatchObject(expected(dayAfter(from, -span), dayAfter(from, -1)));
  });
});
