import type { Sql, Transaction } from '../pool.ts';

/** What is known of one stream of one shop. Times are Unix seconds. */
export interface StreamState {
  watermark: number | null;
  historyFrom: number | null;
  historyTo: number | null;
  changesFrom: number | null;
  lastFullSyncAt: Date | null;
}

export async function loadStreamState(
  sql: Sql | Transaction,
  shopId: string,
  stream: string,
): Promise<StreamState> {
  const [state] = await sql<StreamState[]>`
    select watermark, history_from as "historyFrom", history_to as "historyTo", changes_from as "changesFrom",
      last_full_sync_at as "lastFullSyncAt"
    from stream_states where shop_id = ${shopId} and stream = ${stream}`;
  return (
    state ?? { watermark: null, historyFrom: null, historyTo: null, changesFrom: null, lastFullSyncAt: null }
  );
}

/** Moves the watermark forward, in the transaction that seals the window before it. */
export async function advanceWatermark(
  tx: Transaction,
  shopId: string,
  stream: string,
  watermark: number,
): Promise<void> {
  await tx`
    update stream_states set watermark = greatest(watermark, ${watermark}::bigint)
    where shop_id = ${shopId} and stream = ${stream}`;
}

export interface FullSyncResult {
  shopId: string;
  stream: string;
  runId: string;
  result: 'complete' | 'completed_with_differences';
  historyFrom: number;
  historyTo: number;
  changesFrom: number;
  watermark: number;
}

export async function recordFullSync(tx: Transaction, full: FullSyncResult): Promise<void> {
  await tx`
    insert into stream_states (shop_id, stream, watermark, history_from, history_to, changes_from,
      last_full_sync_at, last_full_sync_result, last_full_run_id)
    values (${full.shopId}, ${full.stream}, ${full.watermark}, ${full.historyFrom}, ${full.historyTo},
      ${full.changesFrom}, now(), ${full.result}, ${full.runId})
    on conflict (shop_id, stream) do update set
      watermark = greatest(stream_states.watermark, excluded.watermark), history_from = excluded.history_from,
      history_to = excluded.history_to, changes_from = excluded.changes_from,
      last_full_sync_at = excluded.last_full_sync_at, last_full_sync_result = excluded.last_full_sync_result,
      last_full_run_id = excluded.last_full_run_id`;
}

export async function recordSync(
  tx: Transaction,
  shopId: string,
  stream: string,
  runId: string,
): Promise<void> {
  await tx`
    update stream_states set last_sync_at = now(), last_run_id = ${runId}
    where shop_id = ${shopId} and stream = ${stream}`;
}
