import type { Sql } from '../../db/pool.ts';
import { cutByCreation, cutByUpdate, openOrdersDue } from '../../db/queries/compared-ranges.ts';
import { longestOverlap, overlapSeconds, shortestOverlap } from '../../db/queries/late-commits.ts';
import { insertReconciliation, type NewWindow } from '../../db/queries/reconciliations.ts';
import { loadRun } from '../../db/queries/runs.ts';
import { loadStreamState } from '../../db/queries/stream-states.ts';
import { findGaps } from '../../sync/coverage.ts';
import { rangesAround, rangesBetween } from '../../sync/reconciling.ts';
import type { ReconciliationDependencies } from './dependencies.ts';

const day = 86_400;
/** A shop's history is first compared in this many ranges: one total alone could hide a loss behind a surplus. */
const mostRanges = 16;
const ordersInRange = 2_500;
/** Changes are read again in windows of about this many orders. */
const changesInWindow = 300;
/** Calls that one run spends on reading open orders again; the youngest come first. */
const mostOpenWindows = 2_000;

/**
 * Plans a reconciliation once for each run, from what is stored alone: the whole history to compare by totals, the
 * gaps of the ledger, the changes since the last reconciliation, the open orders that are due.
 */
export async function planReconciliation({ sql }: ReconciliationDependencies, runId: string): Promise<void> {
  const { shopId, bound } = await loadRun(sql, runId);
  if (bound !== null) return;
  const { watermark } = await loadStreamState(sql, shopId, 'orders');
  if (watermark === null) throw new Error(`Shop ${shopId} has no watermark yet.`);
  // What was created just before the watermark may have changed since, and waits for the next incremental sync.
  const comparedTo = watermark - shortestOverlap;
  const { stored, cuts } = await cutByCreation(sql, shopId, comparedTo, ordersInRange, mostRanges);
  const due = await openOrdersDue(sql, shopId, { to: comparedTo, day: Math.floor(watermark / day) });
  const around = rangesAround(due);
  const reread = around.slice(0, mostOpenWindows);
  const oldestReread = reread.at(-1)?.from ?? comparedTo;
  const totals = rangesBetween(0, cuts, comparedTo);
  const windows: NewWindow[] = [
    ...totals.map((range) => ({ axis: 'create_time' as const, reason: 'totals' as const, ...range })),
    ...(await gapWindows(sql, shopId)),
    ...(await changeWindows(sql, shopId, watermark)),
    ...reread.map((range) => ({ axis: 'create_time' as const, reason: 'open_orders' as const, ...range })),
  ];
  await insertReconciliation(sql, {
    runId,
    shopId,
    watermark,
    comparedTo,
    overlapSeconds: await overlapSeconds(sql, shopId),
    openOrdersDue: due.length,
    openOrdersLeft: due.filter((order) => order.created < oldestReread).length,
    storedOrders: stored,
    windows,
  });
}

/** What a full sync could not prove is read again. */
async function gapWindows(sql: Sql, shopId: string): Promise<NewWindow[]> {
  const { gaps } = await findGaps(sql, shopId, 'orders');
  return gaps.map(({ axis, from, to }) => ({
    axis,
    from: from.getTime() / 1000,
    to: to.getTime() / 1000,
    reason: 'gap',
  }));
}

/** Update times since the last reconciliation, and as far before it as upstream may commit late. */
async function changeWindows(sql: Sql, shopId: string, watermark: number): Promise<NewWindow[]> {
  const [last] = await sql<{ watermark: number | null }[]>`
    select max(watermark) as watermark from reconciliations join sync_runs using (run_id)
    where reconciliations.shop_id = ${shopId} and status in ('completed', 'completed_with_differences')`;
  const earliest = watermark - 14 * day;
  const since = last?.watermark == null ? watermark - 2 * day : last.watermark - longestOverlap;
  const range = { from: Math.max(earliest, since), to: watermark };
  const cuts = await cutByUpdate(sql, shopId, range, changesInWindow);
  return rangesBetween(range.from, cuts, range.to).map((part) => ({
    axis: 'update_time',
    reason: 'recent_changes',
    ...part,
  }));
}
