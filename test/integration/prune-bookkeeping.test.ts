import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneBookkeeping } from '../../src/db/queries/prune-bookkeeping.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { FakeUpstream } from '../support/fake-upstream.ts';
import { openWalks, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
  for (let index = 0; index < 120; index++) {
    const time = upstream.now - 10_000 - index * 60;
    upstream.add({ id: `57${index}`, create_time: time, update_time: time, total: '1.50', lines: 1 });
  }
  await walks.run('full');
});

afterEach(() => walks.close());

async function touch(...indices: number[]): Promise<string> {
  upstream.now += 600;
  for (const index of indices) {
    const order = upstream.orders.get(`57${index}`);
    if (order) upstream.add({ ...order, update_time: upstream.now - 1, total: `${upstream.now % 1000}.00` });
  }
  return walks.run('incremental');
}

const pagesOf = async (runId: string): Promise<number> =>
  (await walks.sql`select 1 from raw_pages where run_id = ${runId}`).length;

describe('bookkeeping that nothing needs any more', () => {
  it('goes: pages of incremental runs that nobody points to, after a week and not before', async () => {
    const replaced = await touch(1, 2);
    const half = await touch(2, 3);
    const last = await touch(1, 2);
    expect(await pruneBookkeeping(walks.sql)).toEqual({ pages: 0, runs: 0 });
    await walks.sql`update raw_pages set stored_at = now() - interval '8 days'`;
    expect(await pruneBookkeeping(walks.sql)).toEqual({ pages: 1, runs: 0 });
    expect(await Promise.all([replaced, half, last].map(pagesOf))).toEqual([0, 1, 1]);
    const lost = await walks.sql`select 1 from orders where page_id not in (select page_id from raw_pages)`;
    expect(lost).toHaveLength(0);
    await walks.expectEverything();
  });

  it('goes: pages of full runs too, but for those of the last one and of records set aside', async () => {
    const time = upstream.now - 5_000;
    upstream.add({ id: '57200', create_time: time, update_time: time, total: '1', lines: 1, poisoned: true });
    const [first, idle, last] = ['run_0001', await walks.run('full'), await walks.run('full')];
    await walks.sql`update raw_pages set stored_at = now() - interval '8 days'`;
    await pruneBookkeeping(walks.sql);
    expect(await pagesOf(first)).toBeGreaterThan(0);
    expect(await pagesOf(idle)).toBe(0);
    expect(await pagesOf(last)).toBeGreaterThan(0);
    await touch(...Array.from({ length: 120 }, (_, index) => index));
    const newest = await walks.run('full');
    await walks.sql`update raw_pages set stored_at = now() - interval '8 days'`;
    await pruneBookkeeping(walks.sql);
    expect(await pagesOf(newest)).toBeGreaterThan(0);
    expect(await pagesOf(first)).toBeLessThanOrEqual(1);
    const aside = await walks.sql`select 1 from quarantined_records join raw_pages using (page_id)`;
    expect(aside).toHaveLength(1);
    const lost = await walks.sql`select 1 from orders where page_id not in (select page_id from raw_pages)`;
    expect(lost).toHaveLength(0);
    await walks.expectEverything();
  });

  it('goes: old runs that no page came from, while what is covered stays covered', async () => {
    const idle: string[] = [];
    for (let round = 0; round < 6; round++) idle.push(await touch());
    const used = await touch(5);
    const last = await touch();
    await walks.sql`update sync_runs set finished_at = finished_at - interval '91 days'`;
    await walks.sql`update coverage set sealed_at = sealed_at - interval '91 days'`;
    const before =
      await walks.sql`select range_agg(range)::text as covered from coverage where axis = 'update_time'`;
    expect(await pruneBookkeeping(walks.sql)).toEqual({ pages: 0, runs: idle.length });
    const runs = await walks.sql<{ run_id: string }[]>`select run_id from sync_runs order by run_id`;
    expect(runs.map((row) => row.run_id)).toEqual(['run_0001', used, last]);
    const after =
      await walks.sql`select range_agg(range)::text as covered from coverage where axis = 'update_time'`;
    expect([...after]).toEqual([...before]);
    expect(await walks.sql`select 1 from coverage where axis = 'update_time'`).toHaveLength(1);
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
    expect(await pruneBookkeeping(walks.sql)).toEqual({ pages: 0, runs: 0 });
  });
});
