import { streamNames } from '../../analytics/streams.ts';
import { sumDays } from '../../analytics/sum-days.ts';
import type { Sql } from '../../db/pool.ts';
import { loadRun } from '../../db/queries/runs.ts';
import type { RunError } from '../../sync/types.ts';

interface Tally {
  planned: number;
  failed: number;
  refused: number;
  /** Whether somebody asked for just these days, or no other stream is permitted either. */
  all_were_wanted: boolean;
  /** Why one of those days came to nothing. */
  reason: RunError | null;
}

/**
 * Ends a run of analytics with its result. One with failed days has failed, so that it can be retried: only these are
 * read again. Streams that are not permitted are none of its failures, unless nothing else was asked for.
 */
export async function finishBackfill(sql: Sql, runId: string): Promise<void> {
  const { shopId, stream, mode } = await loadRun(sql, runId);
  for (const name of streamNames) await sumDays(sql, { shopId, stream: name });
  await sql.begin(async (tx) => {
    const [held] =
      await tx`select 1 from sync_runs where run_id = ${runId} and status = 'running' for update`;
    if (held === undefined) return;
    const [tally] = await tx<Tally[]>`
      select count(*) as planned, count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status = 'not_permitted') as refused,
        ${mode} = 'window' or not exists (
          select 1 from analytics_streams where shop_id = ${shopId} and permission = 'granted') as all_were_wanted,
        (array_agg(error order by status = 'failed' desc, date desc)
          filter (where status in ('failed', 'not_permitted')))[1] as reason
      from analytics_run_days where run_id = ${runId}`;
    const error = tally === undefined ? null : errorOf(tally);
    await tx`
      insert into stream_states (shop_id, stream, last_sync_at, last_run_id)
      values (${shopId}, ${stream}, now(), ${runId})
      on conflict (shop_id, stream) do update set last_sync_at = now(), last_run_id = ${runId}`;
    if (mode === 'full' && error === null) {
      await tx`
        update stream_states set last_full_sync_at = now(), last_full_sync_result = 'complete', last_full_run_id = ${runId}
        where shop_id = ${shopId} and stream = ${stream}`;
    }
    await tx`
      update sync_runs set status = ${error === null ? 'completed' : 'failed'}, finished_at = now(),
        error = ${error === null ? null : tx.json({ ...error })}
      where run_id = ${runId}`;
  });
}

function errorOf({
  planned,
  failed,
  refused,
  all_were_wanted: allWereWanted,
  reason,
}: Tally): RunError | null {
  const requestId = reason?.request_id ?? null;
  if (failed > 0) {
    return {
      code: 'days-failed',
      title: `${failed} of ${planned} days could not be read. ${reason?.title ?? ''}`.trim(),
      action: 'Retry the run: only the days that failed are read again.',
      request_id: requestId,
    };
  }
  if (planned === 0 || refused < planned || !allWereWanted) return null;
  return {
    code: reason?.code ?? 'permission-missing',
    title: reason?.title ?? 'TikTok does not permit the app to read analytics.',
    action: reason?.action ?? null,
    request_id: requestId,
  };
}
