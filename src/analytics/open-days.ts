import type { Sql, Transaction } from '../db/pool.ts';
import type { RunDayKey } from './run-days.ts';
import { isOnRequest, streamNames } from './streams.ts';

const onRequest = streamNames.filter(isOnRequest);

/**
 * Days of a run that still have to be read, newest first and the streams in turn: recent figures are wanted soonest.
 * What takes a call for each thing comes after all the rest.
 */
export async function listOpenRunDays(
  sql: Sql,
  runId: string,
  limit: number,
): Promise<Omit<RunDayKey, 'runId'>[]> {
  return sql<Omit<RunDayKey, 'runId'>[]>`
    select stream, date::text as date from analytics_run_days
    where run_id = ${runId} and status in ('waiting', 'running')
    order by stream = any(${onRequest}), analytics_run_days.date desc, stream limit ${limit}`;
}

/** Lets the days of a run that came to nothing be read again, from their first page. */
export async function reopenRunDays(tx: Transaction, runId: string): Promise<void> {
  await tx`
    update analytics_run_days set status = 'waiting', error = null, finished_at = null, pages = 0
    where run_id = ${runId} and status in ('failed', 'not_permitted', 'cancelled')`;
}
