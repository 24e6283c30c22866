import type { Sql, Transaction } from '../db/pool.ts';
import type { RunError } from '../sync/types.ts';
import type { Day } from './calendar.ts';
import type { StreamName } from './streams.ts';

export type RunDayStatus =
  | 'waiting'
  | 'running'
  | 'done'
  /** Done, and figures of an earlier read had changed. */
  | 'restated'
  | 'failed'
  | 'cancelled'
  /** The seller or TikTok did not grant the scope. */
  | 'not_permitted'
  /** After the last day that TikTok calls ready. */
  | 'not_available';

/** A unit of work of a run: one day of one stream. */
export interface RunDayKey {
  runId: string;
  stream: StreamName;
  date: Day;
}

/** The same, held by the attempt that claimed it last. */
export interface RunDayClaim extends RunDayKey {
  attempt: number;
}

export interface RunDay extends RunDayClaim {
  status: RunDayStatus;
  /** Pages read and kept. */
  pages: number;
  /** Where the day goes on; null before the first page and after the last. */
  nextPageToken: string | null;
  fetched: number;
  written: number;
  unchanged: number;
  removed: number;
  restated: number;
  /** Rows that could not be read and were set aside. */
  quarantined: number;
  error: RunError | null;
}

/** Somebody else claimed the day since, or the run is over: what was read of it is not written. */
export class RunDayLost extends Error {
  constructor({ runId, stream, date }: RunDayKey) {
    super(`The day ${date} of ${stream} in ${runId} is no longer held by this attempt.`);
    this.name = 'RunDayLost';
  }
}

const columns = (sql: Sql | Transaction) => sql`
  run_id as "runId", stream, date::text as date, attempts as attempt, status, pages,
  next_page_token as "nextPageToken", fetched, written, unchanged, removed, restated, quarantined, error`;

/** Adds days to a run; those that it has stay as they are. */
export async function planRunDays(
  sql: Sql | Transaction,
  runId: string,
  units: readonly { stream: StreamName; date: Day }[],
): Promise<void> {
  if (units.length === 0) return;
  await sql`
    insert into analytics_run_days (run_id, stream, date)
    select ${runId}, * from unnest(${units.map(({ stream }) => stream)}::text[], ${units.map(({ date }) => date)}::text[]::date[])
    on conflict do nothing`;
}

/** Takes a day for one attempt, which goes on at the page; null when the day is over. */
export async function claimRunDay(sql: Sql, { runId, stream, date }: RunDayKey): Promise<RunDay | null> {
  const [day] = await sql<RunDay[]>`
    update analytics_run_days set status = 'running', attempts = attempts + 1, error = null,
      started_at = coalesce(started_at, now())
    where run_id = ${runId} and stream = ${stream} and date = ${date} and status in ('waiting', 'running')
    returning ${columns(sql)}`;
  return day ?? null;
}

/** Holds the claim until the transaction ends. */
export async function lockRunDay(tx: Transaction, claim: RunDayClaim): Promise<void> {
  const held = await tx`
    select 1 from analytics_run_days ${heldBy(tx, claim)} for update`;
  if (held.length === 0) throw new RunDayLost(claim);
}

/** The condition under which an attempt still holds its day. */
export function heldBy(tx: Sql | Transaction, { runId, stream, date, attempt }: RunDayClaim) {
  return tx`
    where run_id = ${runId} and stream = ${stream} and date = ${date} and attempts = ${attempt} and status = 'running'
      and not exists (select from sync_runs r where r.run_id = ${runId} and r.status in ('failed', 'cancelled'))`;
}

export async function finishRunDay(
  tx: Transaction,
  claim: RunDayClaim,
  counts: Pick<RunDay, 'fetched' | 'written' | 'unchanged' | 'removed' | 'restated' | 'quarantined'>,
): Promise<void> {
  await tx`
    update analytics_run_days set status = ${counts.restated > 0 ? 'restated' : 'done'}, fetched = ${counts.fetched},
      written = ${counts.written}, unchanged = ${counts.unchanged}, removed = ${counts.removed},
      restated = ${counts.restated}, quarantined = ${counts.quarantined}, finished_at = now() ${heldBy(tx, claim)}`;
}

/** Ends a day without figures. Its kept pages stay, so that a retry goes on at the page. */
export async function settleRunDay(
  sql: Sql,
  { runId, stream, date, attempt }: RunDayClaim,
  {
    status,
    error = null,
  }: {
    status: 'failed' | 'cancelled' | 'not_permitted' | 'not_available';
    error?: RunError | null;
  },
): Promise<void> {
  await sql`
    update analytics_run_days set status = ${status}, finished_at = now(),
      error = ${error === null ? null : sql.json({ ...error })}
    where run_id = ${runId} and stream = ${stream} and date = ${date} and attempts = ${attempt}
      and status in ('waiting', 'running')`;
}

/** Begins a claimed day anew: where its pages went on is no longer known to TikTok. */
export async function restartRunDay(sql: Sql, claim: RunDayClaim): Promise<void> {
  await sql.begin(async (tx) => {
    const { count } = await tx`
      update analytics_run_days set pages = 0, next_page_token = null ${heldBy(tx, claim)}`;
    if (count === 0) throw new RunDayLost(claim);
    await tx`
      delete from analytics_pages
      where run_id = ${claim.runId} and stream = ${claim.stream} and date = ${claim.date}`;
  });
}

/** The days of a run, the oldest first. */
export async function listRunDays(
  sql: Sql,
  runId: string,
  statuses?: readonly RunDayStatus[],
): Promise<RunDay[]> {
  return sql<RunDay[]>`
    select ${columns(sql)} from analytics_run_days
    where run_id = ${runId} and ${statuses === undefined ? sql`true` : sql`status = any(${[...statuses]})`}
    order by date, stream`;
}
