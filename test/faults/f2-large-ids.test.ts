import { expect } from 'vitest';
import { declarationOf } from '../../src/analytics/streams.ts';
import {
  analyticsDifferences,
  backfill,
  everyStream,
  grantBestsellers,
  readyDays,
} from './support/analytics.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { readList, readTruth } from './support/lists.ts';

const orders = 500;

fault(
  { id: 'F2', title: 'ids above 2^53, also as bare numbers in the JSON: exact from upstream to the API' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, seed, simulator: ['--products', '120', '--history-days', '24'] });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({ error: null });
    const asText = await storedIds(rig);
    for (const { order_id: orderId, sku_id: skuId } of asText) {
      expect(BigInt(orderId)).toBeGreaterThan(2n ** 53n);
      expect(BigInt(skuId ?? '0')).toBeGreaterThan(2n ** 53n);
    }

    await rig.change('shop-1', 'poison', orders, { poison: 'integer_ids' });
    const run = await rig.syncChanges();
    expect(run).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    // Not one digit differs now that the same ids came as numbers.
    expect(await storedIds(rig)).toEqual(asText);

    const listed = await readList<{ order_id: string }>(rig, '/api/v1/shops/shop-1/orders');
    const truth = await readTruth(rig);
    expect(listed.map(({ order_id: id }) => id).sort()).toEqual(truth.map(({ id }) => id).sort());
    const [first] = truth;
    expect(await rig.api.get(`/api/v1/shops/shop-1/orders/${first?.id}`)).toMatchObject({
      order_id: first?.id,
    });
    const skus = await idsOfAnalytics(rig);
    return {
      done: `${orders} orders with ids as text, then as numbers, and ${skus} SKUs and every stream of analytics`,
      verdict: await rig.verdict(),
    };
  },
);

type Ids = Record<'order_id' | 'buyer_id' | 'line_item_id' | 'product_id' | 'sku_id', string>;

/** Every id of every line, with its order's. */
function storedIds({ sql }: FaultRig): Promise<Ids[]> {
  return sql<Ids[]>`
    select o.order_id, o.buyer_id, l.line_item_id, l.product_id, l.sku_id
    from orders o join line_items l using (shop_id, order_id)
    order by o.order_id, l.position`;
}

/** Analytics tells ids of SKUs and their products as bare numbers only; the catalogue tells the same ones as text. */
async function idsOfAnalytics(rig: FaultRig): Promise<number> {
  const catalogue = await rig.api.post<{ run_id: string }>('/api/v1/shops/shop-1/syncs', {
    stream: 'products',
    mode: 'full',
  });
  expect(await rig.finished(catalogue.run_id)).toMatchObject({ status: 'completed' });
  await grantBestsellers(rig);
  const days = await readyDays(rig, 8);
  const streams = everyStream;
  expect(await backfill(rig, { streams, days })).toMatchObject({
    status: 'completed',
    counts: { quarantined: 0 },
  });
  for (const stream of streams) {
    const { table, keys } = declarationOf(stream);
    for (const [name] of keys.filter(([column]) => column.endsWith('_id'))) {
      const stored = await rig.sql<{ id: string }[]>`select ${rig.sql(name)} as id from ${rig.sql(table)}`;
      expect([stream, stored.length > 0]).toEqual([stream, true]);
      const short = stored.filter(({ id }) => BigInt(id) <= 2n ** 53n);
      expect([stream, name, short]).toEqual([stream, name, []]);
    }
  }
  type Ids = { sku_id: string; product_id: string };
  const told = await rig.sql<Ids[]>`
    select sku_id, product_id from analytics_skus where date = ${days[0] ?? ''}::text::date order by sku_id`;
  expect(told).toEqual(await rig.sql<Ids[]>`select sku_id, product_id from product_skus order by sku_id`);
  const [asked] = await rig.sql<{ details: number; unknown: number }[]>`
    select count(*)::int as details, count(*) filter (where s.sku_id is null)::int as unknown
    from analytics_sku_details d left join product_skus s using (shop_id, sku_id)`;
  expect(asked).toEqual({ details: expect.any(Number), unknown: 0 });
  expect(await analyticsDifferences(rig, { streams, days })).toEqual([]);
  return told.length;
}
