import { loadRun, planRun } from '../../db/queries/runs.ts';
import { insertSlices } from '../../db/queries/slices.ts';
import { readOrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';
import { cutRange, targetSliceSize } from '../../sync/slicing.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';

export interface HistoryPlan {
  /** Orders that a slice should hold. */
  targetSize: number;
  parallelSlices: number;
}

function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/**
 * Pins T0 to upstream's clock and cuts the history before it into slices, once for each run: one call asks for the
 * oldest order and the total. Called again it returns the same plan.
 */
export async function planHistory(
  dependencies: OrderDependencies,
  control: ActivityControl,
  runId: string,
): Promise<HistoryPlan> {
  const { sql, client } = dependencies;
  const run = await loadRun(sql, runId);
  if (run.bound !== null) {
    const [planned] = await sql<{ expected: number | null }[]>`
      select records_expected as expected from sync_runs where run_id = ${runId}`;
    const parallelSlices = dependencies.parallelSlices(run.shopId);
    return { targetSize: targetSliceSize(planned?.expected ?? 0, parallelSlices), parallelSlices };
  }
  const oldest = await readOrderPage(client, {
    shopId: run.shopId,
    runId,
    lane: 'history',
    range: { axis: 'create_time', from: run.windowFrom, to: run.windowTo },
    pageToken: null,
    pageSize: 1,
    signal: control.signal,
  });
  const now = unixSeconds(oldest.observedAt);
  const bound = run.windowTo === null ? now : Math.min(run.windowTo, now);
  const total = oldest.totalCount;
  const from = Math.min(run.windowFrom ?? oldestTime(oldest.records[0]) ?? bound - 1, bound - 1);
  const parallelSlices = dependencies.parallelSlices(run.shopId);
  const targetSize = targetSliceSize(total, parallelSlices);
  await sql.begin(async (tx) => {
    const [unplanned] = await tx`
      select 1 from sync_runs where run_id = ${runId} and bound_at is null and status = 'running' for update`;
    if (unplanned === undefined) return;
    await planRun(tx, runId, { bound, expected: total });
    const parts = cutRange({ from, to: bound }, Math.ceil(total / targetSize));
    await insertSlices(
      tx,
      parts.map((part) => ({ runId, axis: 'create_time', rangeFrom: part.from, rangeTo: part.to })),
    );
  });
  return { targetSize, parallelSlices };
}

function oldestTime(
  record: Awaited<ReturnType<typeof readOrderPage>>['records'][number] | undefined,
): number | null {
  if (record === undefined) return null;
  if (record.kind === 'quarantined') return record.createTime;
  const created = record.order.created_at;
  return typeof created === 'number' ? created : null;
}
