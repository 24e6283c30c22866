import type { Client } from '@temporalio/client';
import { deliveryWorkflowId, deliveryWorkflowType, taskQueue } from '../temporal/names.ts';

/**
 * Tells the workflow of a destination that deliveries are waiting, and starts it where it is not running.
 *
 * @throws whatever the Temporal client throws; the deliveries wait safely in the database meanwhile.
 */
export async function wakeDelivery(temporal: Client, destinationId: string): Promise<void> {
  await temporal.workflow.signalWithStart(deliveryWorkflowType, {
    workflowId: deliveryWorkflowId(destinationId),
    taskQueue,
    args: [{ version: 1, destinationId }],
    signal: 'wake',
    signalArgs: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowTaskTimeout: '5s',
    priority: { fairnessKey: destinationId },
  });
}
