import { type RunDay, settleRunDay } from '../../analytics/run-days.ts';
import type { Sql } from '../../db/pool.ts';
import type { RunError } from '../../sync/types.ts';

/** One refusal for want of a scope speaks for all days of the stream: the others need not be asked for. */
export async function refuseWholeStream(sql: Sql, day: RunDay, error: RunError): Promise<void> {
  await settleRunDay(sql, day, { status: 'not_permitted', error });
  await sql`
    update analytics_run_days set status = 'not_permitted', error = ${sql.json({ ...error })}, finished_at = now()
    where run_id = ${day.runId} and stream = ${day.stream} and status = 'waiting'`;
}
