import { expect } from 'vitest';
import { listApiCalls } from '../../src/db/queries/api-calls.ts';
import { countRuns } from '../../src/db/queries/count-runs.ts';
import { countDrift, listDrift } from '../../src/db/queries/drift-findings.ts';
import { readOrder } from '../../src/db/queries/order-detail.ts';
import { linesColumn } from '../../src/db/queries/order-lines.ts';
import { listOrders } from '../../src/db/queries/orders.ts';
import { countSetAside, listSetAside } from '../../src/db/queries/quarantine.ts';
import { type ShopScope, scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { readOrderStatistics } from '../../src/db/reports/order-statistics.ts';
import { countReconciliations, listReconciliations } from '../../src/db/reports/reconciliations.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const orders = 300;
const everything = { limit: 100, after: null };

fault(
  {
    id: 'K2',
    title:
      "queries with another shop's scope find nothing of a shop, and without a scope they do not type-check",
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, shops: 2, seed });
    // Only the first shop has anything to find, but for the orders that the second one has too.
    await rig.change('shop-1', 'poison', 3, { poison: 'money_exponent' });
    await rig.change('shop-1', 'poison', 3, { poison: 'new_fields' });
    for (const shopId of ['shop-1', 'shop-2']) {
      await rig.finished((await rig.start(shopId, 'full')).run_id);
    }
    const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/reconcile', {});
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    const own = scopeToShop('shop-1');
    await rig.until(async () => (await countDrift(own, rig.sql)) > 0, 'drift is recorded');

    const ids = await rig.sql<{ id: string }[]>`select order_id as id from orders where shop_id = 'shop-1'`;
    const orderIds = ids.map(({ id }) => id);
    const foreign = scopeToShop('shop-2');
    for (const [name, count] of Object.entries(found(rig, orderIds))) {
      expect(await count(own), name).toBeGreaterThan(0);
      expect(await count(foreign), name).toBe(0);
    }

    const second = await listOrders(foreign, rig.sql, list);
    expect(second.total).toBe(orders);
    expect(second.data.filter(({ order_id: id }) => orderIds.includes(id))).toEqual([]);
    const calls = await listApiCalls(rig.sql, { ...anyCall, shopIds: ['shop-2'] }, everything);
    expect(calls.length).toBeGreaterThan(0);
    expect(new Set(calls.map(({ shop_id: shopId }) => shopId))).toEqual(new Set(['shop-2']));
    expect(await listApiCalls(rig.sql, { ...anyCall, shopIds: [] }, everything)).toEqual([]);
    return { done: 'every query of a shop asked with the scope of another', verdict: await rig.verdict() };
  },
);

const list = {
  filters: {},
  sort: 'created_at',
  direction: 'asc',
  limit: 100,
  after: null,
  withTotal: true,
} as const;
const anyCall = { runId: null, outcome: null, from: null, to: null };

/** How much each query finds of what only the first shop has. */
function found(
  { sql }: FaultRig,
  orderIds: readonly string[],
): Record<string, (scope: ShopScope) => Promise<number>> {
  const [orderId = ''] = orderIds;
  return {
    readOrder: async (scope) => ((await readOrder(scope, sql, orderId)) === null ? 0 : 1),
    linesColumn: async (scope) => {
      const rows = await sql<{ lines: unknown }[]>`
        select ${linesColumn(scope, sql)} from unnest(${[...orderIds]}::text[]) as o(order_id)`;
      return rows.filter(({ lines }) => lines !== null).length;
    },
    searchedOrders: async (scope) =>
      (await listOrders(scope, sql, { ...list, filters: { search: orderId } })).data.length,
    searchedStatistics: async (scope) => (await readOrderStatistics(scope, sql, { search: orderId })).length,
    listSetAside: async (scope) => (await listSetAside(scope, sql, everything)).length,
    countSetAside: (scope) => countSetAside(scope, sql),
    listDrift: async (scope) => (await listDrift(scope, sql, everything)).length,
    countDrift: (scope) => countDrift(scope, sql),
    listReconciliations: async (scope) => (await listReconciliations(scope, sql, everything)).length,
    countReconciliations: (scope) => countReconciliations(scope, sql),
    countRuns: (scope) => countRuns(scope, sql, { stream: 'reconcile', status: null }),
  };
}

/** Never called: `npm run typecheck` demands an error in each of its lines. */
export function wouldNotTypeCheck({ sql }: FaultRig): void {
  // @ts-expect-error: no scope
  void readOrder(sql, '1');
  // @ts-expect-error: an id that nobody has checked
  void readOrder('shop-1', sql, '1');
  // @ts-expect-error: something that looks like a scope
  void readOrder({ shopId: 'shop-1' }, sql, '1');
}
