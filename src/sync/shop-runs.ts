import { controlRun } from './control-run.ts';
import type { SyncDependencies } from './dependencies.ts';
import { ensureSchedules, removeSchedules } from './schedules.ts';
import type { RunStatus, RunStream } from './types.ts';

/** Lets the runs of a reconnected shop go on that were paused because its grant was dead; their ids stay. */
export async function resumeParkedRuns(dependencies: SyncDependencies, shopId: string): Promise<string[]> {
  const paused = await dependencies.sql<{ run_id: string }[]>`
    select run_id from sync_runs where shop_id = ${shopId} and status = 'paused' and pause_reason = 'parked'`;
  for (const { run_id: runId } of paused) await controlRun(dependencies, runId, 'resume');
  return paused.map((run) => run.run_id);
}

/** Ends what runs and what is scheduled for a shop that is being disconnected. */
export async function stopShop(dependencies: SyncDependencies, shopId: string): Promise<void> {
  await removeSchedules(dependencies.temporal, shopId);
  const open = await dependencies.sql<{ run_id: string; stream: RunStream; status: RunStatus }[]>`
    select run_id, stream, status from sync_runs
    where shop_id = ${shopId} and status in ('queued', 'running', 'paused')`;
  for (const { run_id: runId } of open) await controlRun(dependencies, runId, 'cancel');
}

/** Makes the schedules of connected shops that are missing, as after the loss of a Temporal server. */
export async function restoreSchedules({ sql, temporal }: SyncDependencies): Promise<void> {
  const shops = await sql<{ shop_id: string }[]>`select shop_id from shops where status <> 'disconnected'`;
  for (const { shop_id: shopId } of shops) await ensureSchedules(temporal, shopId);
}
