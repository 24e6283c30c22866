import type { Sql } from '../../db/pool.ts';
import { loadRun } from '../../db/queries/runs.ts';

/** Ends a run of products with its result. */
export async function finishProductSync(sql: Sql, runId: string): Promise<void> {
  const { shopId, stream, mode, bound } = await loadRun(sql, runId);
  await sql.begin(async (tx) => {
    const [held] =
      await tx`select 1 from sync_runs where run_id = ${runId} and status = 'running' for update`;
    if (held === undefined) return;
    const [counted] = await tx<{ different: number }[]>`
      select count(*) as different from sync_slices where run_id = ${runId} and status = 'different'`;
    const result = counted?.different === 0 ? 'complete' : 'completed_with_differences';
    await tx`
      insert into stream_states (shop_id, stream, last_sync_at, last_run_id)
      values (${shopId}, ${stream}, now(), ${runId})
      on conflict (shop_id, stream) do update set last_sync_at = now(), last_run_id = ${runId}`;
    // The list is read whole in every run but one of a window.
    if (mode !== 'window') {
      await tx`
        update stream_states set watermark = ${bound}, last_full_sync_at = now(), last_full_sync_result = ${result},
          last_full_run_id = ${runId}
        where shop_id = ${shopId} and stream = ${stream}`;
    }
    await tx`
      update sync_runs set status = ${result === 'complete' ? 'completed' : result}, finished_at = now(), error = null
      where run_id = ${runId}`;
  });
}
