import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReconciliationReport } from '../../src/db/reports/reconciliations.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import type { Run, StartedRun } from '../../src/sync/types.ts';
import { taskQueue } from '../../src/temporal/names.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const orders = 3_000;
let rig: SyncRig;
let clockOffset = 0;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', String(orders), '--seed', '23', '--page-tokens', 'shifting'], {
    TIDELINE_REQUESTS_PER_SECOND: '200',
  });
  await rig.connectSeller(0);
  await expect(rig.api.post('/api/v1/shops/shop-1/reconcile', {})).rejects.toThrow(/409/);
  await sync('full');
});

afterAll(async () => {
  await rig.stop();
});

afterEach(async () => {
  await rig.control('DELETE', '/faults');
  await rig.control('POST', '/settings', { latency: 0 });
});

async function sync(mode: 'full' | 'incremental'): Promise<Run> {
  const { run_id: runId } = await rig.start('shop-1', mode);
  return rig.finished(runId);
}

const ask = (): Promise<StartedRun> => rig.api.post<StartedRun>('/api/v1/shops/shop-1/reconcile', {});

async function list(): Promise<ReconciliationReport[]> {
  const path = '/api/v1/shops/shop-1/reconciliations';
  return (await rig.api.get<{ data: ReconciliationReport[] }>(path)).data;
}

/** A whole reconciliation and what it came to. */
async function reconcile(): Promise<{ run: Run; report: ReconciliationReport }> {
  const { run_id: runId } = await ask();
  const run = await rig.finished(runId);
  const report = (await list()).find((one) => one.run_id === runId);
  if (report === undefined) throw new Error('The reconciliation is not listed.');
  return { run, report };
}

/** Lets the simulator's clock, and so everything that is judged by it, go on. */
async function later(seconds: number): Promise<void> {
  clockOffset += seconds * 1_000;
  await rig.control('POST', '/settings', { clock_offset_ms: clockOffset });
}

async function someIds(count: number): Promise<string[]> {
  const rows = await rig.sql<{ id: string }[]>`
    select order_id as id from orders where shop_id = 'shop-1' and created_at < now() - interval '1 day'
    order by md5(order_id) limit ${count}`;
  return rows.map((row) => row.id);
}

async function deleteOrders(ids: readonly string[]): Promise<void> {
  for (const table of ['orders', 'line_items', 'packages', 'order_personal']) {
    await rig.sql`delete from ${rig.sql(table)} where shop_id = 'shop-1' and order_id = any(${[...ids]})`;
  }
}

describe('reconciliation', () => {
  it('finds and mends what was deleted and changed in the database by hand', async () => {
    const [first, ...others] = await someIds(12);
    await deleteOrders(others.slice(0, 8));
    await rig.sql`update orders set total_amount = total_amount + 1 where order_id = ${first ?? ''}`;
    await rig.sql`delete from line_items where order_id = ${others[9] ?? ''}`;
    await rig.sql`update orders set status = 'NONE', created_at = '2001-01-01' where order_id = ${others[10] ?? ''}`;
    expect(await rig.differences()).not.toEqual([]);
    const { run, report } = await reconcile();
    expect(run).toMatchObject({
      stream: 'reconcile',
      mode: 'reconcile',
      status: 'completed',
      workflow_id: 'reconciliation/shop-1',
      progress: { percent: 100 },
    });
    expect(report).toMatchObject({ missing_repaired: 8, damaged_repaired: 3, unexpected: 0 });
    await rig.record('reconciliation-repaired', 'reconciliation/shop-1');
    await rig.expectEverything('shop-1');
    const again = await reconcile();
    expect(again.report).toMatchObject({ missing_repaired: 0, changed_repaired: 0, damaged_repaired: 0 });
    expect(again.report.windows.every((window) => window.status === 'equal')).toBe(true);
  });

  it('mends what changed without a new update time', async () => {
    await rig.change('shop-1', 'tracking', 20);
    await rig.change('shop-1', 'note', 20);
    await sync('incremental');
    const young = await rig.sql<{ id: string }[]>`
      select order_id as id from orders where created_at > now() - interval '6 days'
        and status not in ('COMPLETED', 'CANCELLED') limit 5`;
    await rig.change('shop-1', 'tracking', 0, { ids: young.map(({ id }) => id) });
    expect(young.length).toBeGreaterThan(0);
    expect(await rig.differences()).not.toEqual([]);
    // Old open orders are read again in turn: after a month each of them had its turn.
    for (let day = 0; day < 31 && (await rig.differences()).length > 0; day++) {
      await reconcile();
      await later(86_400);
      await sync('incremental');
    }
    await rig.expectEverything('shop-1');
  });

  it('keeps the last of two changes within one second, at the watermark and before it', async () => {
    for (let round = 0; round < 4; round++) {
      await rig.change('shop-1', 'twice', 15);
      await rig.change('shop-1', 'touch', 15);
      await sync('incremental');
    }
    await sync('incremental');
    await rig.expectEverything('shop-1');
    const { report } = await reconcile();
    expect(report).toMatchObject({ missing_repaired: 0, changed_repaired: 0 });
    await rig.expectEverything('shop-1');
  });

  it('finds what upstream commits late, and reads further back from then on', async () => {
    await sync('incremental');
    await rig.change('shop-1', 'late', 5, { delay_s: 1_500 });
    await rig.change('shop-1', 'late_new', 5, { delay_s: 1_500 });
    await later(600);
    await sync('incremental');
    await later(600);
    await sync('incremental');
    await later(600);
    await sync('incremental');
    expect(await rig.differences()).not.toEqual([]);
    const { report } = await reconcile();
    expect(report.overlap_s).toBe(300);
    expect(report.missing_repaired + report.changed_repaired).toBe(10);
    await rig.expectEverything('shop-1');
    const next = await reconcile();
    expect(next.report.overlap_s).toBeGreaterThanOrEqual(1_200);
    await rig.change('shop-1', 'late', 5, { delay_s: 900 });
    await later(700);
    await sync('incremental');
    await later(700);
    await sync('incremental');
    await rig.expectEverything('shop-1');
  });

  it.each([
    ['too high', { kind: 'lying_total', delta: 7 }],
    ['too low', { kind: 'lying_total', delta: -7 }],
    ['missing', { kind: 'missing_total' }],
  ])('finds what is missing although totals are %s', async (_, fault) => {
    await deleteOrders(await someIds(7));
    await rig.control('POST', '/faults', { route: 'order_search', times: null, ...fault });
    expect((await reconcile()).run.status).toBe('completed_with_differences');
    await rig.expectEverything('shop-1');
    await rig.control('DELETE', '/faults');
    expect((await reconcile()).run.status).toBe('completed');
  });

  it('finds what is missing although totals are wrong now and then', async () => {
    await deleteOrders(await someIds(5));
    await rig.control('POST', '/faults', { route: 'order_search', kind: 'lying_total', probability: 0.3 });
    await reconcile();
    await rig.expectEverything('shop-1');
  });

  it('closes the gaps that a full sync had to leave', async () => {
    await rig.control('POST', '/faults', { route: 'order_search', kind: 'lying_total', times: null });
    expect((await sync('full')).status).toBe('completed_with_differences');
    expect((await findGaps(rig.sql, 'shop-1', 'orders')).gaps).not.toEqual([]);
    await rig.control('DELETE', '/faults');
    expect((await reconcile()).run.status).toBe('completed');
    await rig.expectEverything('shop-1');
  });

  it('comes through empty pages with a token', async () => {
    await deleteOrders(await someIds(400));
    await rig.control('POST', '/faults', { route: 'order_search', kind: 'empty_page', after: 4, times: 3 });
    expect((await reconcile()).run.status).toBe('completed');
    await rig.expectEverything('shop-1');
  });

  it('is one run, however many ask for it, and goes on after a pause', async () => {
    await deleteOrders(await someIds(300));
    await rig.control('POST', '/settings', { latency: 300 });
    const scheduled = Array.from({ length: 10 }, (_, nth) =>
      rig.temporal.workflow.execute('syncStarter', {
        taskQueue,
        workflowId: `syncStarter/reconcile/${nth}`,
        args: ['shop-1', 'reconcile'],
      }),
    );
    const asked = await Promise.all(Array.from({ length: 10 }, ask));
    await Promise.all([...scheduled, rig.temporal.schedule.getHandle('reconciliation/shop-1').trigger()]);
    const runId = asked[0]?.run_id ?? '';
    expect(new Set(asked.map((answer) => answer.run_id))).toEqual(new Set([runId]));
    await rig.until(async () => (await rig.run(runId)).status === 'running', 'it runs');
    await sleep(500);
    expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
    // A sync does not wait for it.
    expect(await sync('incremental')).toMatchObject({ status: 'completed' });
    await rig.control('POST', '/settings', { latency: 0 });
    await rig.act(runId, 'resume');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', run_id: runId });
    await rig.record('reconciliation-paused', 'reconciliation/shop-1');
    await rig.expectEverything('shop-1');
  });

  it('can be cancelled, and taken up again', async () => {
    await deleteOrders(await someIds(300));
    await rig.control('POST', '/settings', { latency: 300 });
    const { run_id: runId } = await ask();
    await rig.until(async () => (await rig.run(runId)).status === 'running', 'it runs');
    await sleep(500);
    expect(await rig.act(runId, 'cancel')).toMatchObject({ status: 'cancelled' });
    await rig.record('reconciliation-cancelled', 'reconciliation/shop-1');
    await rig.control('POST', '/settings', { latency: 0 });
    await rig.act(runId, 'retry');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', run_id: runId });
    await rig.expectEverything('shop-1');
  });

  it('has its schedule', async () => {
    const path = '/api/v1/shops/shop-1/schedules/reconcile';
    expect(await rig.api.get(path)).toEqual({ every: '1d', jitter: '1h', paused: false });
  });
});
