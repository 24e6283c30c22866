import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { longestOverlap, overlapSeconds, shortestOverlap } from '../../src/db/queries/late-commits.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { listReconciliations, type ReconciliationReport } from '../../src/db/reports/reconciliations.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type FakeOrder, FakeUpstream } from '../support/fake-upstream.ts';
import { openWalks, storedOrders, upstreamOrders, type Walks } from '../support/order-walks.ts';

const now = 1_750_000_000;
let database: TestDatabase;
let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  database = await createTestDatabase();
  upstream = new FakeUpstream(now);
  walks = await openWalks(database.databaseUrl, upstream);
});

afterEach(async () => {
  await walks.close();
  await database.drop();
});

const idAt = (index: number): string => `57${String(index).padStart(8, '0')}`;

/** Closed orders, an hour apart from each other. */
function fill(count: number): void {
  for (let index = 0; index < count; index++) {
    const time = now - 4_000 - (count - index) * 3_600;
    const times = { create_time: time, update_time: time };
    upstream.add({ id: idAt(index), ...times, total: '1.50', lines: 2, status: 'COMPLETED' });
  }
}

function change(id: string, fields: Partial<FakeOrder>): void {
  const order = upstream.orders.get(id);
  if (order === undefined) throw new Error(`No order ${id}.`);
  upstream.orders.set(id, { ...order, ...fields });
}

async function report(): Promise<ReconciliationReport> {
  const [newest] = await listReconciliations(scopeToShop(walks.shopId), walks.sql, { limit: 1, after: null });
  if (newest === undefined) throw new Error('There is no reconciliation.');
  return newest;
}

async function expectEverything(): Promise<void> {
  expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
}

async function deleteOrder(id: string): Promise<void> {
  for (const table of ['orders', 'line_items', 'packages']) {
    await walks.sql`delete from ${walks.sql(table)} where order_id = ${id}`;
  }
}

describe('late commits', () => {
  it('are found by the reconciliation and widen the overlap of their shop, up to the bound', async () => {
    fill(300);
    await walks.run('full');
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(shortestOverlap);
    const happened = upstream.now + 10;
    upstream.now += 900;
    await walks.run('incremental');
    upstream.now += 900;
    await walks.run('incremental');
    change(idAt(40), { update_time: happened, total: '8.00' });
    upstream.add({ id: 'late', create_time: happened, update_time: happened, total: '2.00', lines: 1 });
    upstream.now += 900;
    await walks.run('incremental');
    expect(await storedOrders(walks.sql, walks.shopId)).not.toEqual(upstreamOrders(upstream));
    await walks.run('reconcile');
    await expectEverything();
    expect(await report()).toMatchObject({ status: 'completed', missing_repaired: 1, changed_repaired: 1 });
    const overlap = await overlapSeconds(walks.sql, walks.shopId);
    expect(overlap).toBeGreaterThanOrEqual(2 * 890);
    expect(overlap).toBeLessThanOrEqual(2 * 2_700);

    // The next one of that kind is caught by the overlap itself.
    const again = upstream.now + 10;
    upstream.now += 900;
    await walks.run('incremental');
    change(idAt(41), { update_time: again, total: '9.00' });
    upstream.now += 300;
    await walks.run('incremental');
    await expectEverything();
    await walks.sql`update late_commits set late_by = 1000000`;
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(longestOverlap);
    await walks.sql`update late_commits set seen_at = now() - interval '15 days'`;
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(shortestOverlap);
  });

  it('are measured inside of the overlap too', async () => {
    fill(300);
    await walks.run('full');
    const happened = upstream.now;
    upstream.now += 200;
    await walks.run('incremental');
    change(idAt(40), { update_time: happened, total: '8.00' });
    upstream.now += 60;
    await walks.run('incremental');
    await expectEverything();
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(2 * 200);
  });

  it('are not what was lost here', async () => {
    fill(300);
    await walks.run('full');
    upstream.now += 900;
    change(idAt(40), { update_time: upstream.now - 100, total: '8.00' });
    await walks.run('incremental');
    upstream.now += 900;
    await walks.run('incremental');
    await deleteOrder(idAt(40));
    await walks.run('reconcile');
    await expectEverything();
    expect(await report()).toMatchObject({ missing_repaired: 1 });
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(shortestOverlap);
  });
});
