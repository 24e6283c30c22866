import type { Sql, Transaction } from '../pool.ts';
import type { SliceAxis } from './slices.ts';

/** Why a window is looked at. */
export type WindowReason = 'totals' | 'gap' | 'recent_changes' | 'open_orders' | 'stored_row';
export type FindingKind = 'missing' | 'changed' | 'damaged' | 'unexpected';

export interface NewWindow {
  axis: SliceAxis;
  /** Half-open, Unix seconds. */
  from: number;
  to: number;
  reason: WindowReason;
}

export interface ComparedWindow extends NewWindow {
  windowId: number;
}

export interface Reconciliation {
  runId: string;
  shopId: string;
  /** Changes before it had been read when the run was planned. Unix seconds, like `comparedTo`. */
  watermark: number;
  /** Orders created before it are compared. */
  comparedTo: number;
  /** False once a total was caught lying. */
  totalsBelieved: boolean;
  checkedAll: boolean;
  /** Where the check of the stored rows goes on. */
  checkedCreatedAt: string | null;
  checkedOrderId: string | null;
}

/** Null until the run is planned. */
export async function loadReconciliation(sql: Sql, runId: string): Promise<Reconciliation | null> {
  const [plan] = await sql<Reconciliation[]>`
    select run_id as "runId", shop_id as "shopId", watermark, compared_to as "comparedTo",
      totals_believed as "totalsBelieved", checked_all as "checkedAll", checked_created_at::text as "checkedCreatedAt", checked_order_id as "checkedOrderId"
    from reconciliations where run_id = ${runId}`;
  return plan ?? null;
}

export interface ReconciliationPlan {
  runId: string;
  shopId: string;
  watermark: number;
  comparedTo: number;
  overlapSeconds: number;
  openOrdersDue: number;
  /** Due, but beyond what one run reads again. */
  openOrdersLeft: number;
  storedOrders: number;
  windows: readonly NewWindow[];
}

/** Enters a plan once; a run that is planned already, or no longer on, keeps what it has. */
export async function insertReconciliation(sql: Sql, plan: ReconciliationPlan): Promise<void> {
  await sql.begin(async (tx) => {
    const [unplanned] = await tx`
      select from sync_runs where run_id = ${plan.runId} and status = 'running' and bound_at is null for update`;
    if (unplanned === undefined) return;
    await tx`
      insert into reconciliations (run_id, shop_id, watermark, compared_to, overlap_seconds, open_orders_due,
        open_orders_left)
      values (${plan.runId}, ${plan.shopId}, ${plan.watermark}, ${plan.comparedTo}, ${plan.overlapSeconds},
        ${plan.openOrdersDue}, ${plan.openOrdersLeft})`;
    await insertWindows(tx, plan.runId, plan.windows);
    await tx`
      update sync_runs set bound_at = to_timestamp(${plan.comparedTo}), records_expected = ${plan.storedOrders}
      where run_id = ${plan.runId}`;
  });
}

export async function insertWindows(
  sql: Sql | Transaction,
  runId: string,
  windows: readonly NewWindow[],
): Promise<void> {
  if (windows.length === 0) return;
  await sql`
    insert into reconciliation_windows (run_id, axis, range_from, range_to, reason)
    select ${runId}, * from unnest(${windows.map(({ axis }) => axis)}::text[],
      ${windows.map(({ from }) => from)}::bigint[], ${windows.map(({ to }) => to)}::bigint[],
      ${windows.map(({ reason }) => reason)}::text[])`;
}

/** The window to look at next; null when none is left, or the run is no longer on. */
export async function nextWindow(sql: Sql, runId: string): Promise<ComparedWindow | null> {
  const [window] = await sql<ComparedWindow[]>`
    select window_id as "windowId", axis, range_from as from, range_to as to, reason from reconciliation_windows
    where run_id = ${runId} and status = 'pending'
      and exists (select from sync_runs where sync_runs.run_id = ${runId} and status = 'running')
    order by window_id limit 1`;
  return window ?? null;
}

export interface WindowOutcome {
  status: 'equal' | 'split' | 'repaired' | 'different';
  upstreamCount: number;
  storedCount: number;
  difference?: Record<string, number>;
}

export async function settleWindow(
  sql: Sql | Transaction,
  windowId: number,
  outcome: WindowOutcome,
): Promise<void> {
  const { status, upstreamCount, storedCount, difference } = outcome;
  await sql`
    update reconciliation_windows set status = ${status}, upstream_count = ${upstreamCount},
      stored_count = ${storedCount}, difference = ${difference ? sql.json(difference) : null}
    where window_id = ${windowId}`;
}

/** Replaces a window by smaller ones, in one step. */
export async function splitWindow(
  sql: Sql,
  runId: string,
  windowId: number,
  counts: { upstreamCount: number; storedCount: number },
  parts: readonly NewWindow[],
): Promise<void> {
  await sql.begin(async (tx) => {
    await settleWindow(tx, windowId, { status: 'split', ...counts });
    await insertWindows(tx, runId, parts);
  });
}

/** A total did not agree with its list: what was settled by totals alone is looked at again, and read. */
export async function disbelieveTotals(sql: Sql, runId: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`update reconciliations set totals_believed = false where run_id = ${runId}`;
    await tx`
      update reconciliation_windows w set status = 'pending'
      where run_id = ${runId} and reason = 'totals' and status = 'equal'`;
  });
}

/** Notes what was found, before it is repaired: found again after a crash it counts once. */
export async function insertFindings(
  sql: Sql,
  runId: string,
  windowId: number | null,
  findings: readonly { recordId: string; kind: FindingKind }[],
): Promise<void> {
  if (findings.length === 0) return;
  await sql`
    insert into reconciliation_findings (run_id, window_id, record_id, kind)
    select ${runId}, ${windowId}, * from unnest(${findings.map(({ recordId }) => recordId)}::text[],
      ${findings.map(({ kind }) => kind)}::text[])
    on conflict do nothing`;
}

export async function countFindings(
  sql: Sql,
  windowId: number,
): Promise<{ unexpected: number; repaired: number }> {
  const [counted] = await sql<{ unexpected: number; repaired: number }[]>`
    select count(*) filter (where kind = 'unexpected') as unexpected,
      count(*) filter (where kind <> 'unexpected') as repaired
    from reconciliation_findings where window_id = ${windowId}`;
  return counted ?? { unexpected: 0, repaired: 0 };
}

/** Moves the check of the stored rows on. */
export async function advanceCheck(
  sql: Sql,
  runId: string,
  place: { createdAt: string; orderId: string; rows: number } | 'all',
): Promise<void> {
  if (place === 'all') {
    await sql`update reconciliations set checked_all = true where run_id = ${runId}`;
    return;
  }
  await sql`
    update reconciliations set checked_created_at = ${place.createdAt}::text::timestamptz,
      checked_order_id = ${place.orderId}, checked_rows = checked_rows + ${place.rows}
    where run_id = ${runId}`;
}
