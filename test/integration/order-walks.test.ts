import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planHistory } from '../../src/activities/orders/plan-history.ts';
import { walkChanges } from '../../src/activities/orders/walk-changes.ts';
import { walkSlice } from '../../src/activities/orders/walk-slice.ts';
import { claimSlice, listOpenSlices, SliceLost } from '../../src/db/queries/slices.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { readRun } from '../../src/sync/read-runs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { FakeUpstream } from '../support/fake-upstream.ts';
import {
  noControl,
  openWalks,
  readHistory,
  storedOrders,
  upstreamOrders,
  type Walks,
} from '../support/order-walks.ts';

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

function fill(count: number, spread = 60): void {
  for (let index = 0; index < count; index++) {
    const time = now - 1_000 - (count - index) * spread;
    upstream.add({
      id: `57${String(index).padStart(8, '0')}`,
      create_time: time,
      update_time: time,
      total: '1.50',
      lines: 2,
    });
  }
}

function touch(id: string, total: string): void {
  const order = upstream.orders.get(id);
  if (order === undefined) throw new Error(`No order ${id}.`);
  upstream.orders.set(id, { ...order, update_time: upstream.now, total });
}

const idAt = (index: number): string => `57${String(index).padStart(8, '0')}`;

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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('splits what is too dense, down to one second that holds too much', async () => {
    fill(300, 3_000);
    for (let index = 0; index < 2_400; index++) {
      const time = now - 5_000;
      upstream.add({ id: `99${index}`, create_time: time, update_time: time, total: '2.00', lines: 1 });
    }
    await walks.run('full');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    const late = now - 20_000;
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    upstream.total = (truth) => truth;
    upstream.now += 1_000;
    touch(idAt(3), '7.00');
    await walks.run('incremental');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('sets poisoned orders aside with their reason and takes them back once they are well', async () => {
    fill(600);
    const sick = upstream.orders.get(idAt(42));
    // Changed just now, so that history and changes both bring it.
    if (sick) upstream.add({ ...sick, update_time: now - 10, poisoned: true });
    const first = await walks.run('full');
    expect((await readRun(walks.sql, first)).counts.quarantined).toBe(1);
    expect((await readRun(walks.sql, first)).status).toBe('completed');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    const aside = await walks.sql`select record_id, path, reason from quarantined_records`;
    expect([...aside]).toEqual([
      { record_id: idAt(42), path: 'payment.total_amount', reason: 'not a plain decimal' },
    ]);
    if (sick) upstream.add(sick);
    await walks.run('full');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
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
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    const [windows] = await walks.sql`
      select count(*) as sealed from sync_slices where run_id = ${runId} and status = 'sealed'`;
    expect(windows?.sealed).toBeGreaterThan(5);
    expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
  });
});

describe('trouble in the middle', () => {
  it('resumes a slice at the page after the last committed one', async () => {
    fill(500, 600);
    const runId = await walks.begin('full');
    const { targetSize } = await planHistory(walks.dependencies, noControl, runId);
    const [sliceId] = await listOpenSlices(walks.sql, runId, 1);
    if (sliceId === undefined) throw new Error('No slice was planned.');
    const input = { shopId: walks.shopId, runId, sliceId, targetSize };
    const tokens: unknown[] = [];
    let dies = true;
    upstream.disturb = ({ query }) => {
      const token = (query as Record<string, string>).page_token ?? null;
      tokens.push(token);
      if (token === '300' && dies) throw new Error('the upstream is away');
    };
    await expect(walkSlice(walks.dependencies, noControl, input)).rejects.toThrow('the upstream is away');
    dies = false;
    tokens.length = 0;
    expect(await walkSlice(walks.dependencies, noControl, input)).toMatchObject({ outcome: 'walked' });
    expect(tokens).toEqual(['300', '400']);
  });

  it('lets a worker that lost its slice write nothing', async () => {
    fill(500, 600);
    const runId = await walks.begin('full');
    const { targetSize } = await planHistory(walks.dependencies, noControl, runId);
    const [sliceId] = await listOpenSlices(walks.sql, runId, 1);
    if (sliceId === undefined) throw new Error('No slice was planned.');
    const input = { shopId: walks.shopId, runId, sliceId, targetSize };
    upstream.disturb = async (_, count) => {
      if (count === 4) await claimSlice(walks.sql, runId, sliceId);
    };
    await expect(walkSlice(walks.dependencies, noControl, input)).rejects.toThrow(SliceLost);
    const [stored] = await walks.sql`select count(*) as orders from orders`;
    const [cursor] = await walks.sql`select pages from sync_slices where slice_id = ${sliceId}`;
    expect(stored?.orders).toBe(Number(cursor?.pages) * 100);
    expect(Number(cursor?.pages)).toBeLessThan(5);
  });

  it('ends a list that never ends', async () => {
    fill(250);
    const honest = upstream.call.bind(upstream);
    upstream.call = async (call) => {
      const result = await honest(call);
      const data = result.data as { next_page_token: string };
      return { ...result, data: { ...data, next_page_token: data.next_page_token || '0' } };
    };
    const runId = await walks.run('full');
    expect((await readRun(walks.sql, runId)).status).toBe('completed_with_differences');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it.each([
    ['missing', () => undefined],
    ['always nought', () => 0],
  ])('reads a list to its end when its total is %s', async (_what, total) => {
    fill(2_600);
    upstream.total = total;
    const runId = await walks.run('full');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    expect((await readRun(walks.sql, runId)).status).toBe('completed_with_differences');
    upstream.now += 100;
    for (let index = 0; index < 1_500; index++) touch(idAt(index), '7.00');
    await walks.run('incremental');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('does not pass changes over when the list that holds them goes in circles', async () => {
    fill(300);
    await walks.run('full');
    upstream.now += 1_000;
    for (let index = 0; index < 250; index++) touch(idAt(index), '7.00');
    const honest = upstream.call.bind(upstream);
    upstream.call = async (call) => {
      const result = await honest(call);
      return { ...result, data: { ...(result.data as object), next_page_token: '100' } };
    };
    const runId = await walks.run('incremental');
    expect((await readRun(walks.sql, runId)).status).toBe('completed_with_differences');
    upstream.call = honest;
    upstream.now += 1_000;
    await walks.run('incremental');
    expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('keeps the newer version, whoever writes last', async () => {
    fill(120);
    await walks.run('full');
    upstream.now += 10;
    touch(idAt(5), '8.00');
    await walks.run('incremental');
    const stale = upstream.orders.get(idAt(5));
    if (stale) upstream.orders.set(idAt(5), { ...stale, update_time: stale.update_time - 9, total: '1.00' });
    await walks.run('full');
    expect((await storedOrders(walks.sql, walks.shopId)).get(idAt(5))).toContain('8.00');
  });
});

describe('whatever happens', () => {
  it('ends with what upstream holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 900 }),
        fc.array(
          fc.record({
            wait: fc.integer({ min: 0, max: 900 }),
            changes: fc.array(fc.nat({ max: 899 }), { maxLength: 150 }),
            during: fc.array(fc.nat({ max: 899 }), { maxLength: 6 }),
            mode: fc.constantFrom('incremental' as const, 'full' as const),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (count, steps) => {
          await walks.sql`truncate orders, line_items, coverage, stream_states, sync_slices, raw_pages`;
          await walks.sql`delete from sync_runs`;
          upstream.orders.clear();
          upstream.now = now;
          fill(count, 7);
          await walks.run('full');
          for (const [index, step] of steps.entries()) {
            upstream.now += step.wait;
            for (const change of step.changes) touch(idAt(change % count), `${index + 2}.00`);
            const during = [...step.during];
            upstream.disturb = () => {
              const change = during.pop();
              if (change === undefined) return;
              upstream.now += 1;
              touch(idAt(change % count), `${index + 2}.50`);
            };
            await walks.run(step.mode);
            upstream.disturb = () => undefined;
          }
          upstream.now += 1;
          const runId = await walks.begin('incremental');
          await walkChanges(walks.dependencies, noControl, runId);
          expect(await storedOrders(walks.sql, walks.shopId)).toEqual(upstreamOrders(upstream));
          expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  });
});
