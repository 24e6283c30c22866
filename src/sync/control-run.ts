import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { reopenRunDays } from '../analytics/open-days.ts';
import { TidelineError } from '../errors.ts';
import type { SyncDependencies } from './dependencies.ts';
import { readRun } from './read-runs.ts';
import { wakeWorkflow } from './start-sync.ts';
import { finishedStatuses, type Run, type RunStatus } from './types.ts';

export type RunControl = 'pause' | 'resume' | 'cancel' | 'retry';

const allowed: Record<RunControl, readonly RunStatus[]> = {
  pause: ['running'],
  resume: ['paused'],
  cancel: ['queued', 'running', 'paused'],
  retry: ['failed', 'cancelled'],
};

/** How long a request waits for the workflow to act on it before it answers with the run as it is. */
const patienceMs = 5_000;
const pollMs = 50;

/**
 * Pauses, resumes, cancels or retries a run. A paused or cancelled run keeps what it stored and its cursors; a
 * resumed or retried one goes on from there under the same id.
 *
 * @throws TidelineError 404 for an unknown run, 409 when its state does not allow it.
 */
export async function controlRun(
  dependencies: SyncDependencies,
  runId: string,
  control: RunControl,
): Promise<Run> {
  const { sql } = dependencies;
  const run = await readRun(sql, runId);
  if (!allowed[control].includes(run.status)) throw notAllowed(run, control);
  if (control === 'retry') await requeue(dependencies, run);
  else if (run.status === 'queued') await cancelQueued(dependencies, run);
  else await request(dependencies, run, control);
  return settled(dependencies, run);
}

function notAllowed(run: Run, control: RunControl): TidelineError {
  const finished = finishedStatuses.includes(run.status);
  return new TidelineError({
    code: 'run-state',
    message: `A run that is ${run.status} cannot be asked to ${control}.`,
    action: finished ? 'Start a new sync.' : `It can ${control} once it is ${allowed[control].join(' or ')}.`,
    actor: 'user',
    status: 409,
  });
}

async function request(
  dependencies: SyncDependencies,
  run: Run,
  control: Exclude<RunControl, 'retry'>,
): Promise<void> {
  // A run whose workflow was lost with its Temporal server is taken up again by this.
  await wakeWorkflow(dependencies, run.stream, run.shop_id, run.mode);
  try {
    await dependencies.temporal.workflow
      .getHandle(run.workflow_id)
      .signal('request', { runId: run.run_id, request: control });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw notAllowed(await readRun(dependencies.sql, run.run_id), control);
  }
}

async function cancelQueued({ sql }: SyncDependencies, run: Run): Promise<void> {
  const cancelled = await sql`
    update sync_runs set status = 'cancelled', finished_at = now()
    where run_id = ${run.run_id} and status = 'queued'`;
  if (cancelled.count === 0) throw notAllowed(await readRun(sql, run.run_id), 'cancel');
}

async function requeue(dependencies: SyncDependencies, run: Run): Promise<void> {
  const { sql } = dependencies;
  const queued = await sql.begin(async (tx) => {
    const changed = await tx`
      update sync_runs set status = 'queued', finished_at = null, error = null, queued_at = now()
      where run_id = ${run.run_id} and status in ('failed', 'cancelled')
        and exists (select 1 from shops where shop_id = ${run.shop_id} and status = 'active')`;
    await tx`
      update sync_slices set status = 'pending', walk = 1, pages = 0, page_token = null
      where run_id = ${run.run_id} and axis = 'create_time' and status = 'different'`;
    await tx`
      update reconciliation_windows set status = 'pending'
      where run_id = ${run.run_id} and status = 'different'`;
    await reopenRunDays(tx, run.run_id);
    return changed.count;
  });
  if (queued === 0) throw notAllowed(await readRun(sql, run.run_id), 'retry');
  await wakeWorkflow(dependencies, run.stream, run.shop_id, run.mode);
}

/** The run once it has left the state it was in, or as it is when that takes too long. */
async function settled({ sql }: SyncDependencies, before: Run): Promise<Run> {
  const deadline = Date.now() + patienceMs;
  let run = await readRun(sql, before.run_id);
  while (run.status === before.status && Date.now() < deadline) {
    await sleep(pollMs);
    run = await readRun(sql, before.run_id);
  }
  return run;
}
