import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { longestOverlap, overlapSeconds, shortestOverlap } from '../../src/db/queries/late-commits.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { openWalks, storedOrders, upstreamOrders, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
});

afterEach(() => walks.close());

/** Closed orders, an hour apart from each other. */
const fill = (count: number): void => upstream.fill(count, { spread: 3_600, age: 4_000, open: 0 });

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
    upstream.change(idAt(40), { update_time: happened, total: '8.00' });
    upstream.add({ id: 'late', create_time: happened, update_time: happened, total: '2.00', lines: 1 });
    upstream.now += 900;
    await walks.run('incremental');
    expect(await storedOrders(walks.sql, walks.shopId)).not.toEqual(upstreamOrders(upstream));
    await walks.run('reconcile');
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({
      status: 'completed',
      missing_repaired: 1,
      changed_repaired: 1,
    });
    const overlap = await overlapSeconds(walks.sql, walks.shopId);
    expect(overlap).toBeGreaterThanOrEqual(2 * 890);
    expect(overlap).toBeLessThanOrEqual(2 * 2_700);

    // The next one of that kind is caught by the overlap itself.
    const again = upstream.now + 10;
    upstream.now += 900;
    await walks.run('incremental');
    upstream.change(idAt(41), { update_time: again, total: '9.00' });
    upstream.now += 300;
    await walks.run('incremental');
    await walks.expectEverything();
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
    upstream.change(idAt(40), { update_time: happened, total: '8.00' });
    upstream.now += 60;
    await walks.run('incremental');
    await walks.expectEverything();
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(2 * 200);
  });

  it('are not what was lost here', async () => {
    fill(300);
    await walks.run('full');
    upstream.now += 900;
    upstream.change(idAt(40), { update_time: upstream.now - 100, total: '8.00' });
    await walks.run('incremental');
    upstream.now += 900;
    await walks.run('incremental');
    await walks.deleteOrders([idAt(40)]);
    await walks.run('reconcile');
    await walks.expectEverything();
    expect(await walks.report()).toMatchObject({ missing_repaired: 1 });
    expect(await overlapSeconds(walks.sql, walks.shopId)).toBe(shortestOverlap);
  });
});
