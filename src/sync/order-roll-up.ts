import type { Client } from '@temporalio/client';
import { taskQueue } from '../temporal/names.ts';

/** Lets a worker sum the days of a shop anew, beside its syncs; one that does so already looks once more. */
export async function startOrderRollUp(temporal: Client, shopId: string): Promise<void> {
  await temporal.workflow.signalWithStart('orderRollUp', {
    workflowId: `orderRollUp/${shopId}`,
    taskQueue,
    args: [shopId],
    signal: 'wake',
    signalArgs: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    priority: { fairnessKey: shopId },
  });
}
