import type { Sql, Transaction } from '../pool.ts';

export type SliceAxis = 'create_time' | 'update_time';
export type SliceStatus = 'pending' | 'walking' | 'walked' | 'split' | 'abandoned' | 'sealed' | 'different';

/** A half-open range of one axis, read by one activity. Times are Unix seconds. */
export interface Slice {
  sliceId: number;
  runId: string;
  axis: SliceAxis;
  rangeFrom: number;
  rangeTo: number;
  /** Where the coverage of an update-time window ends; later rows are read early, not claimed. */
  sealTo: number | null;
  status: SliceStatus;
  /** Fences out whoever held the slice before. */
  claim: number;
  walk: number;
  pageToken: string | null;
  pages: number;
  upstreamTotal: number | null;
}

const columns = (sql: Sql | Transaction) => sql`
  slice_id as "sliceId", run_id as "runId", axis, range_from as "rangeFrom", range_to as "rangeTo",
  seal_to as "sealTo", status, claim, walk, page_token as "pageToken", pages, upstream_total as "upstreamTotal"`;

export interface NewSlice {
  runId: string;
  axis: SliceAxis;
  rangeFrom: number;
  rangeTo: number;
  sealTo?: number;
  parentSliceId?: number;
  expected?: number;
}

export async function insertSlices(sql: Sql | Transaction, slices: readonly NewSlice[]): Promise<number[]> {
  if (slices.length === 0) return [];
  const rows = slices.map((slice) => ({
    run_id: slice.runId,
    parent_slice_id: slice.parentSliceId ?? null,
    axis: slice.axis,
    range_from: slice.rangeFrom,
    range_to: slice.rangeTo,
    seal_to: slice.sealTo ?? null,
  }));
  const inserted = await sql<{ slice_id: number }[]>`insert into sync_slices ${sql(rows)} returning slice_id`;
  return inserted.map((row) => row.slice_id);
}

/**
 * Takes a slice for one attempt. Whoever held it before can no longer write: every page transaction asks for the
 * claim. Null when the slice is finished, its run no longer running, or the slice another run's: a workflow that is
 * older than a restored database may name ids that were given again since.
 */
export async function claimSlice(sql: Sql, runId: string, sliceId: number): Promise<Slice | null> {
  const [slice] = await sql<Slice[]>`
    update sync_slices set status = 'walking', claim = claim + 1, started_at = coalesce(started_at, now())
    where slice_id = ${sliceId} and run_id = ${runId} and status in ('pending', 'walking')
      and exists (select 1 from sync_runs where run_id = ${runId} and status = 'running')
    returning ${columns(sql)}`;
  return slice ?? null;
}

/** A slice was taken over by a later attempt, or its run ended: this worker must stop writing. */
export class SliceLost extends Error {
  constructor(sliceId: number) {
    super(`Slice ${sliceId} is held by a later attempt or its run has ended.`);
    this.name = 'SliceLost';
  }
}

/**
 * Locks the claimed slice for a page transaction, draws the page's id, and says whether the stream has records set
 * aside. Throws {@link SliceLost}.
 */
export async function lockClaim(
  tx: Transaction,
  slice: Slice,
  shopId: string,
): Promise<{ pageId: number; anyAside: boolean }> {
  const [held] = await tx<{ pageId: number; anyAside: boolean }[]>`
    select nextval(pg_get_serial_sequence('tideline.raw_pages', 'page_id')) as "pageId",
      set_config('synchronous_commit', 'off', true),
      set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
      exists (select 1 from quarantined_records where shop_id = ${shopId} and stream = 'orders') as "anyAside"
    from sync_slices where slice_id = ${slice.sliceId} and claim = ${slice.claim} and status = 'walking'
    for update`;
  if (held === undefined) throw new SliceLost(slice.sliceId);
  return held;
}

export interface PageCounts {
  fetched: number;
  written: number;
  unchanged: number;
  quarantined: number;
}

/** Moves the cursor of record, in the transaction that stored the page. */
export async function advanceSlice(
  tx: Transaction,
  slice: Slice,
  page: PageCounts & { pageToken: string | null; upstreamTotal: number },
): Promise<void> {
  await tx`
    update sync_slices set page_token = ${page.pageToken}, pages = pages + 1, upstream_total = ${page.upstreamTotal},
      fetched = fetched + ${page.fetched}, written = written + ${page.written},
      unchanged = unchanged + ${page.unchanged}, quarantined = quarantined + ${page.quarantined},
      progressed_at = now()
    where slice_id = ${slice.sliceId}`;
}

/** Begins another walk of a claimed slice; null when the slice or its run was lost meanwhile. */
export async function restartWalk(sql: Sql, slice: Slice): Promise<Slice | null> {
  const [again] = await sql<Slice[]>`
    update sync_slices set walk = walk + 1, page_token = null, pages = 0
    where slice_id = ${slice.sliceId} and claim = ${slice.claim} and status = 'walking'
    returning ${columns(sql)}`;
  return again ?? null;
}

export interface SliceOutcome {
  status: 'walked' | 'sealed' | 'different';
  upstreamTotal: number;
  storedTotal: number;
  difference?: Record<string, number>;
}

/** Ends a claimed slice. Throws {@link SliceLost}. */
export async function finishSlice(
  sql: Sql | Transaction,
  slice: Slice,
  outcome: SliceOutcome,
): Promise<void> {
  const { difference } = outcome;
  const updated = await sql`
    update sync_slices set status = ${outcome.status}, upstream_total = ${outcome.upstreamTotal},
      stored_total = ${outcome.storedTotal}, difference = ${difference ? sql.json(difference) : null},
      finished_at = now(), page_token = null
    where slice_id = ${slice.sliceId} and claim = ${slice.claim} and status = 'walking'`;
  if (updated.count === 0) throw new SliceLost(slice.sliceId);
}

/** Replaces a slice that is too big by smaller ones. Throws {@link SliceLost}. */
export async function splitSlice(sql: Sql, slice: Slice, parts: readonly NewSlice[]): Promise<number[]> {
  return sql.begin(async (tx) => {
    const updated = await tx`
      update sync_slices set status = 'split', finished_at = now(), page_token = null
      where slice_id = ${slice.sliceId} and claim = ${slice.claim} and status = 'walking'`;
    if (updated.count === 0) throw new SliceLost(slice.sliceId);
    return insertSlices(tx, parts);
  });
}

/**
 * Distinct records that the slice's present walk brought, and how many of them are nowhere in the database. Looked up
 * one by one: a join would hash the whole table for every slice.
 */
export async function countWalked(
  sql: Sql,
  slice: Slice,
  shopId: string,
): Promise<{ distinct: number; absent: number }> {
  const [counted] = await sql<{ distinct: number; absent: number }[]>`
    with walked as (
      select distinct record_id from raw_pages, unnest(record_ids) as record_id
      where slice_id = ${slice.sliceId} and walk = ${slice.walk}
    )
    select count(*) as distinct, count(*) filter (where
      (select 1 from orders where shop_id = ${shopId} and order_id = record_id) is null and
      (select 1 from quarantined_records q
        where q.shop_id = ${shopId} and q.stream = 'orders' and q.record_id = walked.record_id) is null) as absent
    from walked`;
  return counted ?? { distinct: 0, absent: 0 };
}

/** Slices of a run's history that still have to be read, newest first: recent orders are wanted soonest. */
export async function listOpenSlices(sql: Sql, runId: string, limit: number): Promise<number[]> {
  const rows = await sql<{ slice_id: number }[]>`
    select slice_id from sync_slices
    where run_id = ${runId} and axis = 'create_time' and status in ('pending', 'walking')
    order by range_from desc limit ${limit}`;
  return rows.map((row) => row.slice_id);
}

export async function listSlices(sql: Sql, runId: string, axis: SliceAxis): Promise<Slice[]> {
  return sql<Slice[]>`
    select ${columns(sql)} from sync_slices where run_id = ${runId} and axis = ${axis} and status not in ('split', 'abandoned')
    order by range_from`;
}
