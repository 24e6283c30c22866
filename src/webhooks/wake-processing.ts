import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { taskQueue } from '../temporal/names.ts';

/** One schedule for all sources. */
export const webhookScheduleId = 'webhookCatchUp';

/**
 * Lets a worker work off the webhooks of a source; whoever does so already looks once more.
 *
 * @throws whatever the Temporal client throws; the webhooks wait safely in the database meanwhile.
 */
export async function wakeWebhookProcessing(temporal: Client, source: string): Promise<void> {
  await temporal.workflow.signalWithStart('webhookProcessing', {
    workflowId: `webhookProcessing/${source}`,
    taskQueue,
    args: [source],
    signal: 'wake',
    signalArgs: [],
    workflowTaskTimeout: '5s',
  });
}

/** Makes the schedule that wakes what could not be woken when it came, where it is missing. */
export async function ensureWebhookSchedule(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: webhookScheduleId,
      spec: { intervals: [{ every: '1m' }], jitter: '5s' },
      action: {
        type: 'startWorkflow',
        workflowType: webhookScheduleId,
        workflowId: `${webhookScheduleId}/scheduled`,
        args: [],
        taskQueue,
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
