import type { Sql, Transaction } from '../pool.ts';
import type { Slice } from './slices.ts';

/** An incremental sync begins at least this much before the watermark. */
export const shortestOverlap = 300;
/** The bound: what upstream commits later than this after its own update time is left to reconciliation. */
export const longestOverlap = 6 * 3_600;
const daysRemembered = 14;

/**
 * How far before the watermark a shop's changes are read again, in seconds: twice the longest lateness measured in
 * the last two weeks, for what was measured is only a lower bound of it.
 */
export async function overlapSeconds(sql: Sql, shopId: string): Promise<number> {
  const [measured] = await sql<{ late_by: number | null }[]>`
    select max(late_by) as late_by from late_commits
    where shop_id = ${shopId} and stream = 'orders' and seen_at > now() - make_interval(days => ${daysRemembered})`;
  return Math.min(longestOverlap, Math.max(shortestOverlap, 2 * (measured?.late_by ?? 0)));
}

/**
 * Notes the orders that a window of an incremental sync saw for the first time although their update time lies before
 * the watermark: the sync that set it had read that time, and they were not there. Called before the watermark moves.
 */
export async function recordLateInSlice(tx: Transaction, shopId: string, slice: Slice): Promise<void> {
  await tx`
    insert into late_commits (shop_id, stream, record_id, update_time, late_by)
    select shop_id, 'orders', order_id, updated, watermark - updated
    from stream_states join orders using (shop_id)
      cross join lateral (select extract(epoch from updated_at)::bigint as updated) seconds
    where shop_id = ${shopId} and stream = 'orders' and updated_at >= to_timestamp(${slice.rangeFrom})
      and updated_at < to_timestamp(watermark)
      and page_id in (select page_id from raw_pages where slice_id = ${slice.sliceId})
    on conflict do nothing`;
}

export interface SeenRecord {
  recordId: string;
  /** Unix seconds. */
  updateTime: number;
  /** No row of it is stored. */
  missing: boolean;
}

/**
 * Notes which of the orders that a reconciliation found upstream had been committed late: their update time had been
 * read by a sealed window that did not show them. A missing order that some stored page holds was lost here, not late.
 */
export async function recordLateCommits(
  sql: Sql,
  shopId: string,
  records: readonly SeenRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const ids = records.map((record) => record.recordId);
  const missing = records.filter((record) => record.missing).map((record) => record.recordId);
  await sql`
    with kept as materialized (
      select distinct record_id from raw_pages cross join unnest(record_ids) as record_id
      where shop_id = ${shopId} and stream = 'orders' and record_id = any(${ids})
    )
    insert into late_commits (shop_id, stream, record_id, update_time, late_by)
    select ${shopId}, 'orders', seen.record_id, seen.update_time, read.until - seen.update_time
    from unnest(${ids}::text[], ${records.map((record) => record.updateTime)}::bigint[])
        as seen(record_id, update_time)
      cross join lateral (
        select max(last.seal_to) as until from sync_slices last
        where last.axis = 'update_time' and last.status = 'sealed' and last.run_id in (
          select slice.run_id from sync_slices slice join sync_runs using (run_id)
          where shop_id = ${shopId} and stream = 'orders' and axis = 'update_time' and slice.status = 'sealed'
            and range_from <= seen.update_time and seal_to > seen.update_time)
      ) read
    where read.until > seen.update_time
      and not (seen.record_id = any(${missing}) and exists (select from kept where kept.record_id = seen.record_id))
    on conflict do nothing`;
}
