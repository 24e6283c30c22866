import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CountedSale,
  compareAnalytics,
  formatAnalyticsComparison,
  readSales,
  type SaleSums,
  sumSales,
} from '../../simulator/analytics-checker.ts';
import { dayIn, decimal, exact } from '../../simulator/checker/totals.ts';
import { RandomSequence } from '../../simulator/random.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

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

const days = 40;
const shopDay = dayIn('-08:00');

let rig: SyncRig;
/** Every unit that counts, and the days that are stored, the oldest first. */
let sales: CountedSale[];
let stored: string[];

beforeAll(async () => {
  rig = await startSyncRig(
    ['--orders-count', '2500', '--history-days', '70', '--products', '90', '--seed', '21'],
    {},
  );
  await rig.connectSeller(0);
  const [shop] = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
  const tiktokShopId = shop?.id ?? '';
  const { controlUrl } = rig.simulator.address;
  // Figures that still settle would change at the shop's midnight.
  const { latest_available_date: last } = await rig.control<{ latest_available_date: string }>(
    'POST',
    `/shops/${tiktokShopId}/analytics`,
    { settling: 'immediate' },
  );
  const lastDay = Date.parse(`${last}T00:00:00Z`);
  stored = Array.from({ length: days }, (_, nth) =>
    new Date(lastDay - (days - 1 - nth) * 86_400_000).toISOString().slice(0, 10),
  );
  const range = { start_date: stored[0], end_date: last };
  const runs = [
    await rig.api.post<StartedRun>('/api/v1/shops/shop-1/syncs', { stream: 'products', mode: 'full' }),
    await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
      ...range,
      streams: ['shop', 'products', 'videos'],
    }),
  ];
  for (const { run_id: runId } of runs) expect((await rig.finished(runId)).status).toBe('completed');
  const request = { controlUrl, tiktokShopId, from: stored[0] ?? '', to: last };
  const compared = await compareAnalytics({
    ...{ databaseUrl: rig.databaseUrl, ...request },
    streams: ['shop', 'products', 'videos'],
  });
  expect(compared.equal, formatAnalyticsComparison(compared)).toBe(true);
  sales = [];
  for await (const sale of readSales(request)) if (sale.countedAs === 'paid') sales.push(sale);
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

/** A range of stored days, and its sales. */
function chosenRange(random: RandomSequence): { from: string; to: string; sold: CountedSale[] } {
  const [left, right] = [random.below(days), random.below(days)].sort((one, other) => one - other);
  const [from = '', to = ''] = [stored[left ?? 0], stored[right ?? 0]];
  const sold = sales.filter(({ paidTime }) => shopDay(paidTime) >= from && shopDay(paidTime) <= to);
  return { from, to, sold };
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
      const { from, to, sold } = chosenRange(random);
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
      const { from, to, sold } = chosenRange(random);
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
      const { from, to, sold } = chosenRange(random);
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
