import type { Sql } from '../../db/pool.ts';
import { countStored } from '../../db/queries/compared-orders.ts';
import {
  type ComparedWindow,
  disbelieveTotals,
  loadReconciliation,
  nextWindow,
  type Reconciliation,
  settleWindow,
  splitWindow,
} from '../../db/queries/reconciliations.ts';
import { readOrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';
import { largestWalk, walksNow } from '../../sync/reconciling.ts';
import { cutRange } from '../../sync/slicing.ts';
import type { ActivityControl } from '../orders/dependencies.ts';
import type { ReconciliationDependencies } from './dependencies.ts';
import { walkWindow } from './walk-window.ts';

/**
 * Works off the windows of a reconciliation, one after the other. Windows of kind `totals` are counted first, and
 * cut in halves down to those that differ; all others are read. A list that does not add up to its total ends the
 * belief in totals for this run. Goes on where it stopped.
 */
export async function compareWindows(
  dependencies: ReconciliationDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const { sql } = dependencies;
  const plan = await loadReconciliation(sql, runId);
  if (plan === null) return;
  await sql`
    update sync_slices set status = 'abandoned', finished_at = now()
    where run_id = ${runId} and status in ('pending', 'walking')`;
  let believed = plan.totalsBelieved;
  for (let window = await nextWindow(sql, runId); window !== null; window = await nextWindow(sql, runId)) {
    control.signal.throwIfAborted();
    const { windowId, reason } = window;
    control.heartbeat({ window: windowId });
    if (reason === 'totals') {
      const settled = believed
        ? await settleByTotal(dependencies, control, plan, window)
        : await cutIfLarge(dependencies, plan, window);
      if (settled) continue;
    }
    const { totalIsTrue } = await walkWindow(dependencies, control, plan, window);
    if (totalIsTrue || !believed) continue;
    believed = false;
    await disbelieveTotals(sql, runId);
  }
}

/** Settles a window whose counts agree, cuts one whose counts do not; false when it has to be read. */
async function settleByTotal(
  { sql, client }: ReconciliationDependencies,
  control: ActivityControl,
  { runId, shopId }: Reconciliation,
  window: ComparedWindow,
): Promise<boolean> {
  const { windowId, axis, from, to } = window;
  const { signal } = control;
  const page = await readOrderPage(client, {
    shopId,
    runId,
    lane: 'history',
    range: { axis, from, to },
    pageToken: null,
    pageSize: 1,
    signal,
  });
  const total = page.totalCount;
  const stored = await countStored(sql, shopId, window);
  const counts = { upstreamCount: total, storedCount: stored };
  if (total === stored) {
    await settleWindow(sql, windowId, { status: 'equal', ...counts });
    return true;
  }
  // The total may be too low as well as too high: what is stored counts too.
  if (walksNow({ total: Math.max(total, stored), stored: Math.min(total, stored), range: { from, to } }))
    return false;
  await cutInHalves(sql, runId, shopId, window, counts);
  return true;
}

/** Where totals are not believed, a window is read; one that is too large for a walk is cut first. */
async function cutIfLarge(
  { sql }: ReconciliationDependencies,
  { runId, shopId }: Reconciliation,
  window: ComparedWindow,
): Promise<boolean> {
  const stored = await countStored(sql, shopId, window);
  if (stored <= largestWalk || window.to - window.from <= 1) return false;
  await cutInHalves(sql, runId, shopId, window, { upstreamCount: stored, storedCount: stored });
  return true;
}

async function cutInHalves(
  sql: Sql,
  runId: string,
  shopId: string,
  window: ComparedWindow,
  counts: { upstreamCount: number; storedCount: number },
): Promise<void> {
  const { windowId, axis, from, to } = window;
  const middle = await middleOf(sql, shopId, window);
  const parts =
    middle === null
      ? cutRange({ from, to }, 2)
      : [
          { from, to: middle },
          { from: middle, to },
        ];
  await splitWindow(
    sql,
    runId,
    windowId,
    counts,
    parts.map((part) => ({ axis, reason: 'totals', ...part })),
  );
}

/** The creation time that halves what is stored of a window; null when that does not cut it. */
async function middleOf(sql: Sql, shopId: string, { from, to }: ComparedWindow): Promise<number | null> {
  const [row] = await sql<{ middle: number | null }[]>`
    select extract(epoch from percentile_disc(0.5) within group (order by created_at))::bigint as middle
    from orders where shop_id = ${shopId} and created_at >= to_timestamp(${from}) and created_at < to_timestamp(${to})`;
  const middle = row?.middle ?? null;
  return middle !== null && middle > from && middle < to ? middle : null;
}
