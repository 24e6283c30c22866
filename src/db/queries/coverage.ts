import type { Transaction } from '../pool.ts';
import type { SliceAxis } from './slices.ts';

export interface SealedRange {
  shopId: string;
  stream: string;
  axis: SliceAxis;
  /** Half-open, Unix seconds. */
  from: number;
  to: number;
  runId: string;
  sliceId: number;
}

/** Enters a proven range into the ledger; a range that continues the newest one of its axis extends it. */
export async function recordCoverage(tx: Transaction, sealed: SealedRange): Promise<void> {
  const { shopId, stream, axis, from, to } = sealed;
  const extended = await tx`
    update coverage set range = int8range(lower(range), greatest(upper(range), ${to}::bigint)),
      run_id = ${sealed.runId}, slice_id = ${sealed.sliceId}, sealed_at = now()
    where coverage_id = (
      select coverage_id from coverage where shop_id = ${shopId} and stream = ${stream} and axis = ${axis}
      order by upper(range) desc limit 1)
      and axis = 'update_time' and lower(range) <= ${from}::bigint and upper(range) >= ${from}::bigint`;
  if (extended.count > 0) return;
  await tx`
    insert into coverage (shop_id, stream, axis, range, run_id, slice_id)
    values (${shopId}, ${stream}, ${axis}, int8range(${from}::bigint, ${to}::bigint), ${sealed.runId},
      ${sealed.sliceId})`;
}

/** Seals every walked slice of a full or window run and enters them into the ledger. */
export async function sealWalkedSlices(
  tx: Transaction,
  shopId: string,
  stream: string,
  runId: string,
): Promise<void> {
  await tx`
    with sealed as (
      update sync_slices set status = 'sealed'
      where run_id = ${runId} and axis = 'create_time' and status = 'walked'
      returning slice_id, range_from, range_to
    )
    insert into coverage (shop_id, stream, axis, range, run_id, slice_id)
    select ${shopId}, ${stream}, 'create_time', int8range(range_from, range_to), ${runId}, slice_id from sealed`;
}

/** What earlier runs proved is replaced by what a new full sync proved. */
export async function forgetCoverageOfOtherRuns(
  tx: Transaction,
  shopId: string,
  stream: string,
  runId: string,
): Promise<void> {
  await tx`delete from coverage where shop_id = ${shopId} and stream = ${stream} and run_id <> ${runId}`;
}
