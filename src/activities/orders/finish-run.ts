import type { Sql, Transaction } from '../../db/pool.ts';
import { forgetCoverageOfOtherRuns, sealWalkedSlices } from '../../db/queries/coverage.ts';
import { loadRun, type RunRecord } from '../../db/queries/runs.ts';
import { recordFullSync, recordSync } from '../../db/queries/stream-states.ts';

/**
 * Ends a run with its result: seals what was walked, enters it into the ledger and, after a full sync, sets the
 * watermark from which incremental syncs begin. Slices that stayed different stay gaps in the ledger. Personal fields
 * whose time is over go with the end of every run.
 */
export async function finishRun(sql: Sql, runId: string): Promise<void> {
  const run = await loadRun(sql, runId);
  const { shopId, stream } = run;
  await sql.begin(async (tx) => {
    const [held] =
      await tx`select 1 from sync_runs where run_id = ${runId} and status = 'running' for update`;
    if (held === undefined) return;
    await sealWalkedSlices(tx, shopId, stream, runId);
    const [counted] = await tx<{ different: number }[]>`
      select count(*) as different from sync_slices where run_id = ${runId} and status = 'different'`;
    const complete = counted?.different === 0;
    if (run.mode === 'full') await finishFullSync(tx, run, complete);
    await recordSync(tx, shopId, stream, runId);
    await tx`delete from order_personal where shop_id = ${shopId} and purge_after < now()`;
    await tx`
      update sync_runs set status = ${complete ? 'completed' : 'completed_with_differences'}, finished_at = now(),
        error = null
      where run_id = ${runId}`;
  });
}

async function finishFullSync(tx: Transaction, run: RunRecord, complete: boolean): Promise<void> {
  const { shopId, stream, runId } = run;
  await forgetCoverageOfOtherRuns(tx, shopId, stream, runId);
  const [bounds] = await tx<
    {
      history_from: number | null;
      history_to: number | null;
      changes_from: number | null;
      sealed: number | null;
    }[]
  >`
    select min(range_from) filter (where axis = 'create_time') as history_from,
      max(range_to) filter (where axis = 'create_time') as history_to,
      min(range_from) filter (where axis = 'update_time') as changes_from,
      max(seal_to) filter (where axis = 'update_time' and status in ('sealed', 'different')) as sealed
    from sync_slices where run_id = ${runId}`;
  const {
    history_from: historyFrom,
    history_to: historyTo,
    changes_from: changesFrom,
    sealed,
  } = bounds ?? {};
  if (historyFrom == null || historyTo == null || changesFrom == null || sealed == null) {
    throw new Error(`Run ${runId} cannot finish: its history or its changes were not read.`);
  }
  await recordFullSync(tx, {
    shopId,
    stream,
    runId,
    result: complete ? 'complete' : 'completed_with_differences',
    historyFrom,
    historyTo,
    changesFrom,
    watermark: sealed,
  });
}
