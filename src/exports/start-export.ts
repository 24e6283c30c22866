import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Sql } from '../db/pool.ts';
import { endExport, insertExport, type NewExport } from '../db/queries/exports.ts';
import { TidelineError } from '../errors.ts';
import { wait } from '../http/wait.ts';
import { newRunId } from '../sync/run-id.ts';
import { searchAttributes, taskQueue } from '../temporal/names.ts';

/**
 * Lets a worker write the file of an export.
 *
 * @returns the export's run id and workflow id
 * @throws TidelineError 503 when Temporal cannot be reached; the export has then failed
 */
export async function startExport(
  sql: Sql,
  temporal: Client,
  asked: Omit<NewExport, 'runId' | 'workflowId'>,
): Promise<{ runId: string; workflowId: string }> {
  const runId = newRunId();
  const workflowId = `listExport/${runId}`;
  await insertExport(sql, { ...asked, runId, workflowId });
  try {
    await temporal.workflow.start('listExport', {
      workflowId,
      taskQueue,
      args: [{ version: 1, runId }],
      workflowTaskTimeout: '5s',
      priority: { fairnessKey: asked.shopId ?? 'exports' },
      typedSearchAttributes:
        asked.shopId === null ? [] : [{ key: searchAttributes.shopId, value: asked.shopId }],
    });
  } catch (error) {
    const unreachable = new TidelineError({
      code: 'temporal-unavailable',
      message: 'Temporal could not be reached to start the export.',
      action: 'Check that the Temporal server is up, and export again.',
      actor: 'retry',
      cause: error,
    });
    await endExport(sql, runId, 'failed', {
      code: unreachable.code,
      title: unreachable.message,
      action: unreachable.action ?? null,
      request_id: null,
    });
    throw unreachable;
  }
  return { runId, workflowId };
}

/** Longer than a worker takes to stop; a dead one is not waited for. */
const patienceMs = 5_000;

/** Stops an export and waits until it has; what was written is deleted. One whose workflow is no more is ended here. */
export async function cancelExport(
  sql: Sql,
  temporal: Client,
  { runId, workflowId }: { runId: string; workflowId: string },
): Promise<void> {
  const patience = new AbortController();
  try {
    const handle = temporal.workflow.getHandle(workflowId);
    await handle.cancel();
    await Promise.race([handle.result(), wait(patienceMs, patience.signal)]);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await endExport(sql, runId, 'cancelled', null);
  } finally {
    patience.abort();
  }
}
