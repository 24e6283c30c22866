import { expect } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { declarationOf, type StreamName } from '../../src/analytics/streams.ts';
import type { Sql } from '../../src/db/pool.ts';
import { type ShopScope, scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { type AnalyticsPage, listAnalytics } from '../../src/db/reports/analytics-list.ts';
import { readBestsellers } from '../../src/db/reports/bestsellers.ts';
import { listBrands } from '../../src/db/reports/brands.ts';
import { readInsights } from '../../src/db/reports/insights.ts';
import { readKpis } from '../../src/db/reports/kpis.ts';
import { readNewestDetail } from '../../src/db/reports/newest-detail.ts';
import { compareDays } from '../../src/db/reports/order-comparison.ts';
import { listRestatements } from '../../src/db/reports/restatements.ts';
import {
  analyticsVerdict,
  backfill,
  everyStream,
  grantBestsellers,
  readyDays,
  tiktokShopId,
} from './support/analytics.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const own = scopeToShop('shop-1');
const foreign = scopeToShop('shop-2');

/** Days from `from` up to, and without, `to`. */
interface Range {
  from: string;
  to: string;
}

fault(
  {
    id: 'K2',
    title:
      "figures of every stream of analytics, asked for with another shop's scope: nothing of the shop is found",
  },
  async ({ rig: start, seed }) => {
    const rig = await start({
      ...{ orders: 1_200, shops: 2, seed },
      simulator: ['--products', '25', '--history-days', '24'],
    });
    await grantBestsellers(rig);
    const days = await readyDays(rig, 8);
    const [first = ''] = days;
    const last = days.at(-1) ?? '';
    const range = { from: first, to: addDays(last, 1) };
    expect(await backfill(rig, { streams: everyStream, days })).toMatchObject({ status: 'completed' });
    const restated = { date: first, kind: 'withdraw', count: 3 };
    await rig.control('POST', `/shops/${await tiktokShopId(rig)}/analytics/restatements`, restated);
    const again = await backfill(rig, { streams: everyStream, days });
    expect(again.days.some(({ status }) => status === 'restated')).toBe(true);

    for (const stream of everyStream) {
      const read = (scope: ShopScope) => readList(rig.sql, scope, stream, range);
      const found = await read(own);
      expect([stream, found.rows.length > 0]).toEqual([stream, true]);
      expect(found.coverage).toMatchObject([
        { shop_id: 'shop-1', permission: 'granted', days_read: days.length },
      ]);
      const elsewhere = await read(foreign);
      expect([stream, elsewhere.rows]).toEqual([stream, []]);
      expect(elsewhere.coverage).toMatchObject([{ shop_id: 'shop-2', permission: null, days_read: 0 }]);
    }
    for (const [name, count] of Object.entries(await reports(rig, range))) {
      expect([name, (await count(own)) > 0]).toEqual([name, true]);
      expect([name, await count(foreign)]).toEqual([name, 0]);
    }
    return {
      done: `${everyStream.length} streams and every report on them asked with the scope of another shop`,
      verdict: await analyticsVerdict(rig, { streams: everyStream, days }),
    };
  },
);

function readList(sql: Sql, scope: ShopScope, stream: StreamName, range: Range): Promise<AnalyticsPage> {
  const list = {
    ...{ ...range, stream, others: [], filters: {}, granularity: null, compare: null, currency: 'USD' },
    ...{ sort: 'gmv' in declarationOf(stream).metrics ? 'gmv' : 'date', direction: 'desc' as const },
  };
  return listAnalytics(scope, sql, list, { limit: 100, after: null, withTotal: false });
}

/** How much of TikTok's figures each report tells; what is worked out from orders every shop has of its own. */
async function reports(
  { sql }: FaultRig,
  range: Range,
): Promise<Record<string, (scope: ShopScope) => Promise<number>>> {
  const page = { limit: 100, after: null, withTotal: true };
  const brands = {
    ...{ ...range, others: [], currency: 'USD', granularity: null, compare: null, products: {} },
    ...({ sort: 'gmv', direction: 'desc' } as const),
  };
  const found: Record<string, (scope: ShopScope) => Promise<number>> = {
    brands: async (scope) => (await listBrands(scope, sql, brands, page)).rows.length,
    restatements: async (scope) => (await listRestatements(scope, sql, {}, page)).data.length,
    bestsellers: async (scope) =>
      (await readBestsellers(scope, sql, { ranking: 'products', timeSlot: '1D', date: null })).data.length,
    insights: async (scope) => {
      const { best_sellers: best } = await readInsights(scope, sql, { ...range, limit: 10 });
      return best.length;
    },
    kpis: async (scope) => Number((await readKpis(scope, sql, range)).tiktok_gmv),
    orderComparison: (scope) =>
      sql.begin(async (tx) => {
        const compared = await compareDays(scope, tx, range);
        return compared.filter(({ tiktok_gmv: told }) => told !== null).length;
      }),
  };
  for (const stream of everyStream) {
    const { table, keys, attributes } = declarationOf(stream);
    const [key] = keys.map(([name]) => name);
    if (key === undefined || !attributes.some(([, type]) => type === 'jsonb')) continue;
    const [one] = await sql<
      { id: string }[]
    >`select ${sql(key)} as id from ${sql(table)} where shop_id = 'shop-1'`;
    found[`newest of ${stream}`] = async (scope) =>
      (await readNewestDetail(scope, sql, stream, { key, id: one?.id ?? '', ...range })) === null ? 0 : 1;
  }
  return found;
}
