import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareWindows } from '../../src/activities/reconciliation/compare-windows.ts';
import { planReconciliation } from '../../src/activities/reconciliation/plan-reconciliation.ts';
import { eraseBuyer } from '../../src/privacy/erase-buyer.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { noControl, openWalks, reconcile, storedOrders, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
});

afterEach(() => walks.close());

/** Closed orders, an hour apart from each other, unless said otherwise. */
const fill = (count: number, unless: { spread?: number; open?: number } = {}): void =>
  upstream.fill(count, { spread: 3_600, age: 4_000, open: 0, ...unless });

/** Calls that a piece of work takes. */
async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = upstream.calls;
  await work();
  return upstream.calls - before;
}

describe('a reconciliation', () => {
  it('of a clean shop takes a call for each range of its history and one for its changes', async () => {
    fill(6_000);
    await walks.run('full');
    expect(await callsOf(() => walks.run('reconcile'))).toBeLessThanOrEqual(5);
    expect(await walks.report()).toMatchObject({
      status: 'completed',
      rows_checked: 6_000,
      missing_repaired: 0,
      changed_repaired: 0,
      damaged_repaired: 0,
      unexpected: 0,
    });
    expect((await walks.report()).windows.map((window) => window.status)).not.toContain('different');
  });

  it('finds orders that were deleted by hand and brings them back, in calls that follow the loss', async () => {
    fill(6_000);
    await walks.run('full');
    const lost = [idAt(17), idAt(3_000), idAt(3_001), idAt(5_500)];
    await walks.deleteOrders(lost);
    // Their remains would stand in the way of a row that comes back.
    await walks.deleteOrders([idAt(40)], ['orders']);
    expect(await callsOf(() => walks.run('reconcile'))).toBeLessThan(60);
    await walks.expectEverything();
    const found = await walks.report();
    expect(found).toMatchObject({ status: 'completed', missing_repaired: 5, unexpected: 0 });
    expect(found.windows.flatMap((window) => window.missing_ids).toSorted()).toEqual(
      [...lost, idAt(40)].toSorted(),
    );
    const short = found.windows.filter((window) => window.missing_repaired > 0);
    for (const window of short) {
      expect((window.upstream_count ?? 0) - (window.stored_count ?? 0)).toBe(window.missing_repaired);
    }
  });

  it('reads a shop whole when a large part of it is gone', async () => {
    fill(2_000);
    await walks.run('full');
    await walks.sql`delete from orders where order_id < ${idAt(1_000)}`;
    await walks.run('reconcile');
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({ status: 'completed', missing_repaired: 1_000 });
  });

  it.each([
    [
      'a status',
      (sql: Walks['sql']) => sql`update orders set status = 'CANCELLED' where order_id = ${idAt(5)}`,
    ],
    [
      'an amount',
      (sql: Walks['sql']) => sql`update orders set total_amount = 99 where order_id = ${idAt(5)}`,
    ],
    ['a time', (sql: Walks['sql']) => sql`update orders set created_at = now() where order_id = ${idAt(5)}`],
    [
      'a version',
      (sql: Walks['sql']) => sql`update orders set updated_at = '2199-01-01' where order_id = ${idAt(5)}`,
    ],
    ['a hash', (sql: Walks['sql']) => sql`update orders set row_hash = 1 where order_id = ${idAt(5)}`],
    ['a price', (sql: Walks['sql']) => sql`update line_items set unit_price = 7 where order_id = ${idAt(5)}`],
    [
      'a line too few',
      (sql: Walks['sql']) => sql`delete from line_items where order_id = ${idAt(5)} and position = 1`,
    ],
    [
      'a line too many',
      (sql: Walks['sql']) => sql`
        insert into line_items (shop_id, order_id, position, unit_price) values ('shop-1', ${idAt(5)}, 9, 3)`,
    ],
    ['a package', (sql: Walks['sql']) => sql`insert into packages values ('shop-1', ${idAt(5)}, 'no such')`],
  ])('mends %s that was changed by hand, from the page that proves it', async (_, damage) => {
    fill(600);
    await walks.run('full');
    const rows = () => walks.sql`
      select orders.*, array(select line_items::text from line_items where line_items.order_id = orders.order_id
        order by position) as lines, array(select packages::text from packages
        where packages.order_id = orders.order_id) as parcels
      from orders order by order_id`;
    const before = await rows();
    await damage(walks.sql);
    expect([...(await rows())]).not.toEqual([...before]);
    await walks.run('reconcile');
    expect([...(await rows())]).toEqual([...before]);
    expect(await walks.report()).toMatchObject({ status: 'completed', damaged_repaired: 1 });
  });

  it.each([
    [
      'is gone',
      (sql: Walks['sql']) => sql`delete from raw_pages where page_id = (select min(page_id) from raw_pages)`,
    ],
    [
      'cannot be read any more',
      (sql: Walks['sql']) => sql`
        update raw_pages set body = 'nonsense' where page_id = (select min(page_id) from raw_pages)`,
    ],
  ])('asks again for the orders of a page that %s', async (_, damage) => {
    fill(600);
    await walks.run('full');
    await damage(walks.sql);
    await walks.sql`update orders set total_amount = 99 where page_id = (select min(page_id) from orders)`;
    await walks.run('reconcile');
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({ status: 'completed', damaged_repaired: 100 });
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed', damaged_repaired: 0 });
  });

  it('leaves the orders of an erased buyer without their buyer', async () => {
    fill(300);
    await walks.run('full');
    const fingerprints = { buyerFingerprints: async () => () => 'ab' };
    const { sql, shopId } = walks;
    await eraseBuyer({ sql, fingerprints, shopId, buyerId: 'buyer', dryRun: false });
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({
      status: 'completed',
      damaged_repaired: 0,
      changed_repaired: 0,
    });
    await sql`update orders set status = 'CANCELLED' where order_id = ${idAt(5)}`;
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed', damaged_repaired: 1 });
    const [named] = await sql`select count(*) as orders from orders where buyer_id is not null`;
    expect(named?.orders).toBe(0);
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed', damaged_repaired: 0 });
  });

  it('reports an order that upstream no longer lists, and never deletes it', async () => {
    fill(600);
    await walks.run('full');
    const gone = upstream.orders.get(idAt(77));
    upstream.orders.delete(idAt(77));
    const runId = await walks.run('reconcile');
    const found = await walks.report();
    expect(found).toMatchObject({ run_id: runId, status: 'completed_with_differences', unexpected: 1 });
    expect(found.windows.flatMap((window) => window.unexpected_ids)).toEqual([idAt(77)]);
    expect((await storedOrders(walks.sql, walks.shopId)).has(idAt(77))).toBe(true);
    if (gone !== undefined) upstream.add(gone);
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed', unexpected: 0 });
  });

  it('finds what changed without a new update time on open orders, the seller’s note included', async () => {
    fill(400, { open: 50 });
    await walks.run('full');
    upstream.change(idAt(390), { tracking: 'TRACK-1' });
    upstream.change(idAt(380), { note: 'Leave it at the door.' });
    await walks.run('reconcile');
    const [row] = await walks.sql`select tracking_number from orders where order_id = ${idAt(390)}`;
    expect(row?.tracking_number).toBe('TRACK-1');
    const [personal] = await walks.sql<{ ciphertext: Buffer }[]>`
      select ciphertext from order_personal where order_id = ${idAt(380)}`;
    expect(JSON.parse(String(personal?.ciphertext))).toMatchObject({ seller_note: 'Leave it at the door.' });
    expect(await walks.report()).toMatchObject({ status: 'completed', changed_repaired: 1 });
  });

  it('reads open orders again by age: the young every time, each of the old within its turn', async () => {
    fill(90, { open: 90, spread: 86_400 });
    await walks.run('full');
    const silent = [...upstream.orders.keys()];
    for (const id of silent) upstream.change(id, { tracking: `TRACK-${id}` });
    const mended = async (): Promise<Set<string>> =>
      new Set(
        (
          await walks.sql<
            { order_id: string }[]
          >`select order_id from orders where tracking_number is not null`
        ).map((row) => row.order_id),
      );
    await walks.run('reconcile');
    const first = await mended();
    for (const id of silent.slice(-6)) expect(first.has(id)).toBe(true);
    expect(first.size).toBeLessThan(90);
    for (let day = 1; day <= 7; day++) {
      upstream.now += 86_400;
      await walks.run('incremental');
      await walks.run('reconcile');
    }
    expect((await mended()).size).toBe(90);
  });

  it('takes up the slices that a full sync could not prove, and closes the gap', async () => {
    fill(1_200);
    upstream.total = (truth) => (truth > 1 ? truth + 1 : truth);
    await walks.run('full');
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).not.toEqual([]);
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed_with_differences', missing_repaired: 0 });
    upstream.total = (truth) => truth;
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed' });
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
    await walks.expectEverything();
  });

  it.each([
    ['too high', (truth: number) => truth + 7],
    ['too low', (truth: number) => Math.max(0, truth - 7)],
    ['missing', () => undefined],
  ])('finds what is missing although every total is %s, and says so', async (_, lie) => {
    fill(1_500);
    await walks.run('full');
    const lost = [3, 400, 401, 402, 900, 1_100, 1_499].map(idAt);
    await walks.deleteOrders(lost);
    upstream.total = lie;
    await walks.run('reconcile');
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({
      status: 'completed_with_differences',
      missing_repaired: lost.length,
    });
    upstream.total = (truth) => truth;
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({ status: 'completed', missing_repaired: 0 });
  });

  it('comes through totals that are wrong now and then', async () => {
    fill(1_500);
    await walks.run('full');
    await walks.deleteOrders([idAt(3), idAt(900)]);
    upstream.total = (truth) => (upstream.calls % 3 === 0 ? truth + 5 : truth);
    await walks.run('reconcile');
    await walks.expectEverything();
  });

  it('goes on where it was interrupted, and counts nothing twice', async () => {
    fill(3_000);
    await walks.run('full');
    const lost = [10, 11, 700, 1_400, 2_100, 2_900].map(idAt);
    await walks.deleteOrders(lost);
    const runId = await walks.begin('reconcile');
    await planReconciliation(walks.dependencies, runId);
    let left = 3;
    for (; left > 0; left--) {
      const until = upstream.calls + 9;
      upstream.disturb = () => {
        if (upstream.calls >= until) throw new Error('cut off');
      };
      await expect(compareWindows(walks.dependencies, noControl, runId)).rejects.toThrow('cut off');
    }
    upstream.disturb = () => undefined;
    await reconcile(walks.dependencies, runId);
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({ status: 'completed', missing_repaired: lost.length });
  });

  it('keeps poisoned orders out of the missing ones', async () => {
    fill(600);
    upstream.change(idAt(9), { poisoned: true });
    await walks.run('full');
    await walks.run('reconcile');
    expect(await walks.report()).toMatchObject({
      status: 'completed',
      missing_repaired: 0,
      changed_repaired: 0,
    });
  });
});
