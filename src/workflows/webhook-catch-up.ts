import { proxyActivities } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/webhooks.ts';

// The schedule comes again in a minute.
const { wakeWaitingWebhooks } = proxyActivities<WebhookActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '2m',
});

/** Wakes the processing of sources whose webhooks wait although nobody was told. */
export async function webhookCatchUp(): Promise<void> {
  await wakeWaitingWebhooks();
}
