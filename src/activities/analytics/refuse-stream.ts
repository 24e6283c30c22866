import { type RunDay, settleRunDay } from '../../analytics/run-days.ts';
import type { Sql } from '../../db/pool.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import type { RunError } from '../../sync/types.ts';

/** Whether TikTok keeps a whole stream from this app: for want of a scope, or because it has no such endpoint for it. */
export function isKeptFromApp(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return ['permission-missing', 'unknown-endpoint'].includes(error.code) || error.httpStatus === 404;
}

/** One such refusal speaks for all days of the stream: the others need not be asked for. */
export async function refuseWholeStream(sql: Sql, day: RunDay, error: RunError): Promise<void> {
  await settleRunDay(sql, day, { status: 'not_permitted', error });
  await sql`
    update analytics_run_days set status = 'not_permitted', error = ${sql.json({ ...error })}, finished_at = now()
    where run_id = ${day.runId} and stream = ${day.stream} and status = 'waiting'`;
}
