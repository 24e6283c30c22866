import { type RunDay, restartRunDay, settleRunDay } from '../../analytics/run-days.ts';
import { noteFirstRefusal, notePermission } from '../../analytics/stream-states.ts';
import type { Sql } from '../../db/pool.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import type { RunError } from '../../sync/types.ts';

/** Whether TikTok keeps what was asked for from this app: for want of a scope, or because it has no such endpoint for it. */
export function isKeptFromApp(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return ['permission-missing', 'unknown-endpoint'].includes(error.code) || error.httpStatus === 404;
}

/** One refusal of a stream's list speaks for all its days: the others need not be asked for. */
export async function refuseWholeStream(
  sql: Sql,
  day: RunDay & { shopId: string },
  error: RunError,
): Promise<void> {
  await notePermission(sql, day, 'not_permitted');
  await settleRunDay(sql, day, { status: 'not_permitted', error });
  await sql`
    update analytics_run_days set status = 'not_permitted', error = ${sql.json({ ...error })}, finished_at = now()
    where run_id = ${day.runId} and stream = ${day.stream} and status = 'waiting'`;
}

/** Every single thing of a day was refused, which says nothing of the things of other days. */
export async function refuseDay(sql: Sql, day: RunDay & { shopId: string }, error: RunError): Promise<void> {
  await noteFirstRefusal(sql, day);
  // A retry has to ask again, and not to go on behind the refusals that were kept.
  await restartRunDay(sql, day);
  await settleRunDay(sql, day, { status: 'not_permitted', error });
}
