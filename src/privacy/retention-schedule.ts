import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { taskQueue } from '../temporal/names.ts';

/** One schedule for the installation: shops that are parked or idle are looked after like the others. */
export const retentionScheduleId = 'dataRetention';

/** Makes the hourly schedule that deletes what may not be kept any longer, where it is missing. */
export async function ensureRetentionSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: retentionScheduleId,
      spec: { intervals: [{ every: '1h' }], jitter: '5m' },
      action: {
        type: 'startWorkflow',
        workflowType: 'dataRetention',
        workflowId: `${retentionScheduleId}/scheduled`,
        args: [],
        taskQueue,
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/** Lets a worker finish the erasure of a shop; one that is on already is left to its work. */
export async function startShopErasure(temporal: Client, shopId: string, erasureId: string): Promise<void> {
  await temporal.workflow.start('shopErasure', {
    workflowId: `shopErasure/${shopId}`,
    taskQueue,
    args: [shopId, erasureId],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}
