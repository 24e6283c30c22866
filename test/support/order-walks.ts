import { expect } from 'vitest';
import type { ActivityControl, OrderDependencies } from '../../src/activities/orders/dependencies.ts';
import { finishRun } from '../../src/activities/orders/finish-run.ts';
import decodePage from '../../src/activities/orders/page-thread.ts';
import { planHistory } from '../../src/activities/orders/plan-history.ts';
import { verifyHistory } from '../../src/activities/orders/verify-history.ts';
import { walkChanges } from '../../src/activities/orders/walk-changes.ts';
import { walkSlice } from '../../src/activities/orders/walk-slice.ts';
import { checkStoredRows } from '../../src/activities/reconciliation/check-stored-rows.ts';
import { compareWindows } from '../../src/activities/reconciliation/compare-windows.ts';
import type { ReconciliationDependencies } from '../../src/activities/reconciliation/dependencies.ts';
import { finishReconciliation } from '../../src/activities/reconciliation/finish-reconciliation.ts';
import { planReconciliation } from '../../src/activities/reconciliation/plan-reconciliation.ts';
import { createDriftLedger, type DriftLedger } from '../../src/db/drift-ledger.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { createPersonalStore } from '../../src/db/queries/order-personal.ts';
import { insertRun, takeNextRun } from '../../src/db/queries/runs.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { listOpenSlices } from '../../src/db/queries/slices.ts';
import { listReconciliations, type ReconciliationReport } from '../../src/db/reports/reconciliations.ts';
import { type BuyerFingerprints, createErasedBuyers } from '../../src/privacy/erased-buyers.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import type { RunMode } from '../../src/sync/types.ts';
import { syncWorkflowId } from '../../src/temporal/names.ts';
import { createTestDatabase } from './database.ts';
import type { FakeUpstream } from './fake-upstream.ts';

/** Reversible, so that a test can look inside; the real cipher has tests of its own. */
const plainCipher = {
  encrypt: async (_shop: string, _order: string, plaintext: Buffer) => ({
    dataKeyId: 1,
    ciphertext: plaintext,
  }),
  decrypt: async (_shop: string, _order: string, _key: number, ciphertext: Buffer) => ciphertext,
};

/** As readable as {@link plainCipher}. */
export const plainFingerprints: BuyerFingerprints = {
  buyerFingerprints: async () => (buyerId) => Buffer.from(buyerId).toString('hex'),
};

export const noControl: ActivityControl = {
  signal: new AbortController().signal,
  heartbeat: () => undefined,
};

export interface Walks {
  sql: Sql;
  dependencies: ReconciliationDependencies;
  drift: DriftLedger;
  shopId: string;
  begin(mode: RunMode): Promise<string>;
  /** A whole run in the order in which the workflow does it, one slice after the other. */
  run(mode: RunMode): Promise<string>;
  /** What is stored is what the shop in memory holds. */
  expectEverything(): Promise<void>;
  /** Of the last reconciliation. */
  report(): Promise<ReconciliationReport>;
  /** Takes orders out of the database, or their rows of these tables alone. */
  deleteOrders(ids: readonly string[], tables?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The order activities against a shop in memory and a real database of their own, without Temporal. */
export async function openWalks(upstream: FakeUpstream): Promise<Walks> {
  const database = await createTestDatabase();
  const sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 4 });
  const [key] = await sql<{ id: number }[]>`
    insert into data_keys (key_ring_id, wrapped_key) values ('test', '\\x00') returning data_key_id as id`;
  const [shop] = await sql<{ shop_id: string }[]>`
    insert into shops (tiktok_shop_id, name, region, time_zone, data_key_id)
    values ('7000', 'Test', 'US', '-08:00', ${key?.id ?? null})
    returning shop_id`;
  const shopId = shop?.shop_id ?? '';
  const drift = createDriftLedger({ sql, log: { warn: (fields) => expect.fail(JSON.stringify(fields)) } });
  const dependencies: ReconciliationDependencies = {
    sql,
    client: upstream,
    clock: createUpstreamClock({ wall: () => upstream.now * 1000, monotonic: () => upstream.now * 1000 }),
    personal: createPersonalStore(plainCipher, 30, createErasedBuyers(sql, plainFingerprints)),
    drift,
    decodePage: async (body) => decodePage(body),
    parallelSlices: () => 4,
    flush: async () => undefined,
  };
  let count = 0;
  const begin = async (mode: RunMode): Promise<string> => {
    count += 1;
    const runId = `run_${String(count).padStart(4, '0')}`;
    const stream = mode === 'reconcile' ? 'reconcile' : 'orders';
    const run = { runId, shopId, stream, mode, trigger: 'api', window: null } as const;
    await sql.begin((tx) => insertRun(tx, { ...run, workflowId: syncWorkflowId(stream, shopId) }));
    await takeNextRun(sql, shopId, stream);
    return runId;
  };
  const run = async (mode: RunMode): Promise<string> => {
    const runId = await begin(mode);
    if (mode === 'reconcile') {
      await reconcile(dependencies, runId);
      return runId;
    }
    if (mode === 'full') await readHistory(dependencies, shopId, runId);
    await walkChanges(dependencies, noControl, runId);
    await drift.flush();
    await finishRun(sql, runId);
    return runId;
  };
  return {
    ...{ sql, dependencies, drift, shopId, begin, run },
    async expectEverything() {
      expect(await storedOrders(sql, shopId)).toEqual(upstreamOrders(upstream));
    },
    async report() {
      const [newest] = await listReconciliations(scopeToShop(shopId), sql, { limit: 1, after: null });
      if (newest === undefined) throw new Error('There is no reconciliation.');
      return newest;
    },
    async deleteOrders(ids, tables = ['orders', 'line_items', 'packages']) {
      for (const table of tables) {
        await sql`delete from ${sql(table)} where order_id = any(${[...ids]})`;
      }
    },
    async close() {
      await sql.end({ timeout: 5 });
      await database.drop();
    },
  };
}

/** The stages of a reconciliation in the order in which the workflow does them. */
export async function reconcile(dependencies: ReconciliationDependencies, runId: string): Promise<void> {
  await planReconciliation(dependencies, runId);
  await checkStoredRows(dependencies, noControl, runId);
  await compareWindows(dependencies, noControl, runId);
  await finishReconciliation(dependencies.sql, runId);
}

export async function readHistory(
  dependencies: OrderDependencies,
  shopId: string,
  runId: string,
): Promise<void> {
  const { targetSize } = await planHistory(dependencies, noControl, runId);
  do {
    for (
      let open = await listOpenSlices(dependencies.sql, runId, 100);
      open.length > 0;
      open = await listOpenSlices(dependencies.sql, runId, 100)
    ) {
      for (const sliceId of open)
        await walkSlice(dependencies, noControl, { shopId, runId, sliceId, targetSize });
    }
  } while ((await verifyHistory(dependencies, noControl, runId)).reopened > 0);
}

/** What the database holds, in the terms of the shop in memory. */
export async function storedOrders(sql: Sql, shopId: string): Promise<Map<string, string>> {
  const rows = await sql<{ order_id: string; version: string }[]>`
    select o.order_id, extract(epoch from o.updated_at)::bigint || ' ' || o.total_amount || ' ' || count(l.position)
      as version
    from orders o left join line_items l on l.shop_id = o.shop_id and l.order_id = o.order_id
    where o.shop_id = ${shopId} group by o.order_id, o.updated_at, o.total_amount`;
  return new Map(rows.map((row) => [row.order_id, row.version]));
}

export function upstreamOrders(upstream: FakeUpstream): Map<string, string> {
  const good = [...upstream.orders.values()].filter((order) => order.poisoned !== true);
  return new Map(good.map((order) => [order.id, `${order.update_time} ${order.total} ${order.lines}`]));
}
