import type { Sql } from '../../db/pool.ts';
import { loadRun } from '../../db/queries/runs.ts';
import { readFreshness } from '../../sync/freshness.ts';

const daysToKeep = 90;

/** Ends a reconciliation with its result: complete where everything agrees now, with differences where not. */
export async function finishReconciliation(sql: Sql, runId: string): Promise<void> {
  const { shopId } = await loadRun(sql, runId);
  const freshness = await readFreshness(sql, shopId);
  await sql.begin(async (tx) => {
    const [held] = await tx`
      select from sync_runs where run_id = ${runId} and status = 'running' for update`;
    if (held === undefined) return;
    const [left] = await tx<{ different: number }[]>`
      select count(*) as different from reconciliation_windows where run_id = ${runId} and status = 'different'`;
    await tx`update reconciliations set freshness = ${tx.json({ ...freshness })} where run_id = ${runId}`;
    await tx`
      update sync_runs set status = ${left?.different === 0 ? 'completed' : 'completed_with_differences'},
        finished_at = now(), error = null
      where run_id = ${runId}`;
    await tx`
      delete from reconciliations where shop_id = ${shopId} and run_id in (
        select run_id from sync_runs where shop_id = ${shopId} and stream = 'reconcile'
          and finished_at < now() - make_interval(days => ${daysToKeep}))`;
    await tx`
      delete from late_commits
      where shop_id = ${shopId} and seen_at < now() - make_interval(days => ${daysToKeep})`;
  });
}
