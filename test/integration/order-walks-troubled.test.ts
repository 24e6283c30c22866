import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planHistory } from '../../src/activities/orders/plan-history.ts';
import { walkChanges } from '../../src/activities/orders/walk-changes.ts';
import { walkSlice } from '../../src/activities/orders/walk-slice.ts';
import { claimSlice, listOpenSlices, SliceLost } from '../../src/db/queries/slices.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { readRun } from '../../src/sync/read-runs.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { noControl, openWalks, storedOrders, type Walks } from '../support/order-walks.ts';

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
    await walks.expectEverything();
  });

  it.each([
    ['missing', () => undefined],
    ['always nought', () => 0],
  ])('reads a list to its end when its total is %s', async (_what, total) => {
    fill(2_600);
    upstream.total = total;
    const runId = await walks.run('full');
    await walks.expectEverything();
    expect((await readRun(walks.sql, runId)).status).toBe('completed_with_differences');
    upstream.now += 100;
    for (let index = 0; index < 1_500; index++) touch(idAt(index), '7.00');
    await walks.run('incremental');
    await walks.expectEverything();
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
    await walks.expectEverything();
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
    const begun = upstream.now;
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
          upstream.now = begun;
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
          await walks.expectEverything();
          expect((await findGaps(walks.sql, walks.shopId, 'orders')).gaps).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  });
});
