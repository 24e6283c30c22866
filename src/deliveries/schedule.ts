import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { taskQueue } from '../temporal/names.ts';

/** One schedule for all destinations. */
export const deliveryScheduleId = 'deliveryWaker';

/** Makes the schedule that wakes every destination with something due, for signals that got lost with Temporal away. */
export async function ensureDeliverySchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: deliveryScheduleId,
      spec: { intervals: [{ every: '1m' }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'deliveryWaker',
        workflowId: `${deliveryScheduleId}/scheduled`,
        args: [],
        taskQueue,
        workflowExecutionTimeout: '5m',
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
