import type { Sql } from '../db/pool.ts';
import type { BackfillDay } from './types.ts';

/** The units of work of a run of analytics, the oldest day first. */
export async function readBackfillDays(sql: Sql, runId: string): Promise<BackfillDay[]> {
  return sql<BackfillDay[]>`
    select stream, date::text as date, status, error as reason, fetched, written + removed as written, unchanged,
      quarantined
    from analytics_run_days where run_id = ${runId} order by analytics_run_days.date, stream`;
}
