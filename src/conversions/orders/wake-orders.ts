import type { Client } from '@temporalio/client';
import { taskQueue } from '../../temporal/names.ts';

/**
 * Lets a worker decide about a shop's paid orders; one that does so already looks once more.
 *
 * @throws whatever the Temporal client throws; the marks wait safely in the database meanwhile.
 */
export async function wakeOrderConversions(temporal: Client, shopId: string): Promise<void> {
  await temporal.workflow.signalWithStart('orderConversions', {
    workflowId: `orderConversions/${shopId}`,
    taskQueue,
    args: [shopId],
    signal: 'wake',
    signalArgs: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    priority: { fairnessKey: shopId },
  });
}
