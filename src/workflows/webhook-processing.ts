import { condition, continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/webhooks.ts';
import type { WebhookSource } from '../webhooks/sources.ts';
import { wakeSignal } from './messages.ts';

// Each webhook fails by itself; what fails here is the database or us, and mends by being tried again.
const { processWebhooks } = proxyActivities<WebhookActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Rounds of one history: far below where Temporal wants a new one. */
const mostRounds = 200;

/** Works off the webhooks of a source, waits for those that are due later, and ends when none is left. */
export async function webhookProcessing(source: WebhookSource): Promise<void> {
  let isAwake = true;
  setHandler(wakeSignal, () => {
    isAwake = true;
  });
  for (let round = 0; round < mostRounds; round += 1) {
    isAwake = false;
    const waitMs = await processWebhooks(source);
    if (waitMs === null && !isAwake) return;
    if (waitMs !== null) await condition(() => isAwake, Math.max(1, waitMs));
  }
  await continueAsNew<typeof webhookProcessing>(source);
}
