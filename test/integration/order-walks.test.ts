import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planHistory } from '../../src/activities/orders/plan-history.ts';
import { walkSlice } from '../../src/activities/orders/walk-slice.ts';
import { listOpenSlices } from '../../src/db/queries/slices.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { readRun } from '../../src/sync/read-runs.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { noControl, openWalks, readHistory, storedOrders, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
});

afterEach(() => walks.close());

const fill = (count: number, spread?: number): void =>
  upstream.fill(count, spread === undefined ? {} : { spread });

const touch = (id: string, total: string): void => upstream.change(id, { update_time: upstream.now, total });

describe('a full sync', () => {
  it('asks for fewer orders where a page is too large for this machine', async () => {
    fill(400);
    const sizes: number[] = [];
    upstream.disturb = ({ query }) => {
      const size = Number(query?.page_size);
      if (size > 30) {
        throw new ApiError({ kind: 'invalid-response', code: 'answer-too-large', message: 'Too large.' });
      }
      sizes.push(size);
    };
    const runId = await walks.run('full');
    expect((await readRun(walks.sql, runId)).status).toBe('completed');
    await walks.expectEverything();
    expect(Math.max(...sizes)).toBe(25);
  });

  it('says so when even a single order is too large', async () => {
    fill(3);
    upstream.disturb = ({ query }) => {
      if (query?.sort_order !== undefined && Number(query.page_size) >= 1 && upstream.calls > 1) {
        throw new ApiError({ kind: 'invalid-response', code: 'answer-too-large', message: 'Too large.' });
      }
    };
    await expect(walks.run('full')).rejects.toMatchObject({ code: 'answer-too-large' });
  });

  it('stores everything, seals every slice and leaves no gap', async () => {
    fill(2_600);
    const runId = await walks.run('full');
    await walks.expectEverything();
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
    const run = await readRun(walks.sql, runId);
    expect(run.status).toBe('completed');
    expect(run.counts.quarantined).toBe(0);
    expect(run.progress?.orders_done).toBe(2_600);
  });

  it('covers an empty shop and finds its first order afterwards', async () => {
    await walks.run('full');
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
    upstream.now += 100;
    upstream.add({ id: '1', create_time: upstream.now, update_time: upstream.now, total: '1.00', lines: 1 });
    await walks.run('incremental');
    await walks.expectEverything();
  });

  it('splits what is too dense, down to one second that holds too much', async () => {
    fill(300, 3_000);
    for (let index = 0; index < 2_400; index++) {
      const time = upstream.now - 5_000;
      upstream.add({ id: `99${index}`, create_time: time, update_time: time, total: '2.00', lines: 1 });
    }
    await walks.run('full');
    await walks.expectEverything();
    const [split] = await walks.sql`select count(*) as slices from sync_slices where status = 'split'`;
    expect(split?.slices).toBeGreaterThan(0);
  });

  it('catches an order that upstream commits late into a slice already read', async () => {
    fill(1_200);
    const runId = await walks.begin('full');
    const { targetSize } = await planHistory(walks.dependencies, noControl, runId);
    for (const sliceId of await listOpenSlices(walks.sql, runId, 100)) {
      await walkSlice(walks.dependencies, noControl, { shopId: walks.shopId, runId, sliceId, targetSize });
    }
    const late = upstream.now - 20_000;
    upstream.add({ id: 'late', create_time: late, update_time: late, total: '9.00', lines: 1 });
    await readHistory(walks.dependencies, walks.shopId, runId);
    expect((await storedOrders(walks.sql, walks.shopId)).has('late')).toBe(true);
  });

  it('says so when totals lie, and lets incremental syncs begin all the same', async () => {
    fill(700);
    upstream.total = (truth) => (truth > 1 ? truth + 1 : truth);
    const runId = await walks.run('full');
    expect((await readRun(walks.sql, runId)).status).toBe('completed_with_differences');
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps.length).toBeGreaterThan(0);
    await walks.expectEverything();
    upstream.total = (truth) => truth;
    upstream.now += 1_000;
    touch(idAt(3), '7.00');
    await walks.run('incremental');
    await walks.expectEverything();
  });

  it('sets poisoned orders aside with their reason and takes them back once they are well', async () => {
    fill(600);
    const sick = upstream.orders.get(idAt(42));
    // Changed just now, so that history and changes both bring it.
    if (sick) upstream.add({ ...sick, update_time: upstream.now - 10, poisoned: true });
    const first = await walks.run('full');
    expect((await readRun(walks.sql, first)).counts.quarantined).toBe(1);
    expect((await readRun(walks.sql, first)).status).toBe('completed');
    await walks.expectEverything();
    const aside = await walks.sql`select record_id, path, reason from quarantined_records`;
    expect([...aside]).toEqual([
      { record_id: idAt(42), path: 'payment.total_amount', reason: 'not a plain decimal' },
    ]);
    if (sick) upstream.add(sick);
    await walks.run('full');
    await walks.expectEverything();
    expect(await walks.sql`select 1 from quarantined_records`).toHaveLength(0);
  });
});

describe('an incremental sync', () => {
  it('asks upstream for the time when its own clock is a day slow', async () => {
    fill(300);
    await walks.run('full');
    upstream.now += 3_600;
    touch(idAt(3), '6.00');
    let learned = false;
    upstream.disturb = () => {
      learned = true;
    };
    const slow = () => (learned ? upstream.now : upstream.now - 86_400) * 1000;
    walks.dependencies.clock = createUpstreamClock({ wall: slow, monotonic: slow });
    await walks.run('incremental');
    await walks.expectEverything();
  });

  it('reads what changed in as many calls as it has pages', async () => {
    fill(1_000);
    await walks.run('full');
    upstream.now += 3_600;
    for (let index = 0; index < 100; index++) touch(idAt(index), '3.25');
    const before = upstream.calls;
    const runId = await walks.run('incremental');
    expect(upstream.calls - before).toBeLessThanOrEqual(2);
    const run = await readRun(walks.sql, runId);
    expect(run.counts).toMatchObject({ fetched: 100, written: 100, unchanged: 0 });
    await walks.expectEverything();
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
  });

  it('writes nothing the second time, and no page for it', async () => {
    fill(1_000);
    await walks.run('full');
    upstream.now += 10;
    const [before] = await walks.sql`select count(*) as pages from raw_pages`;
    const runId = await walks.run('incremental');
    expect((await readRun(walks.sql, runId)).counts.written).toBe(0);
    expect([...(await walks.sql`select count(*) as pages from raw_pages`)]).toEqual([before]);
  });

  it('loses nothing when rows move under the pages of a busy window', async () => {
    fill(1_500, 1);
    await walks.run('full');
    upstream.now += 600;
    for (let index = 0; index < 380; index++) touch(idAt(index), '3.25');
    upstream.now += 600;
    let moved = 0;
    upstream.disturb = (_, count) => {
      if (count % 2 === 0 && moved < 5) touch(idAt(moved++), '4.00');
    };
    await walks.run('incremental');
    upstream.disturb = () => undefined;
    expect(moved).toBeGreaterThan(1);
    await walks.run('incremental');
    await walks.expectEverything();
  });

  it('catches up after days in short windows, each sealed by itself', async () => {
    fill(3_000);
    await walks.run('full');
    for (let index = 0; index < 2_500; index++) {
      upstream.now += 60;
      touch(idAt(index), '5.00');
    }
    upstream.now += 60;
    const runId = await walks.run('incremental');
    await walks.expectEverything();
    const [windows] = await walks.sql`
      select count(*) as sealed from sync_slices where run_id = ${runId} and status = 'sealed'`;
    expect(windows?.sealed).toBeGreaterThan(5);
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
  });
});
