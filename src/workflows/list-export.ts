import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { ExportActivities } from '../activities/exports.ts';
import { failureOf } from './failure-of.ts';
import { soonAgain } from './retry-policies.ts';

const { writeExport } = proxyActivities<ExportActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  // Somebody may wait for it, but syncs go first.
  priority: { priorityKey: 5 },
});

const { endExport } = proxyActivities<ExportActivities>({
  startToCloseTimeout: '30s',
  retry: soonAgain,
});

export interface ListExportInput {
  version: 1;
  runId: string;
}

/** Writes the file of one export; when the worker dies another one writes it anew. */
export async function listExport({ runId }: ListExportInput): Promise<void> {
  try {
    await writeExport(runId);
  } catch (error) {
    await CancellationScope.nonCancellable(() =>
      isCancellation(error)
        ? endExport(runId, 'cancelled', null)
        : endExport(runId, 'failed', failureOf(error).error),
    );
  }
}
