import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { wakeOrderConversions } from '../conversions/orders/wake-orders.ts';
import { shopsWithMarkedOrders } from '../db/queries/order-conversions.ts';
import { sourcesWithDueWebhooks } from '../db/queries/webhook-events.ts';
import { processWebhooks, type WebhookProcessing } from '../webhooks/process-webhooks.ts';
import type { WebhookSource } from '../webhooks/sources.ts';
import { wakeWebhookProcessing } from '../webhooks/wake-processing.ts';
import { runActivity } from './run-activity.ts';

export interface WebhookActivityDependencies extends WebhookProcessing {
  temporal: Client;
  log: Logger;
}

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;

/** Working off what sources have sent. They take and return nothing but names and times. */
export function createWebhookActivities(dependencies: WebhookActivityDependencies) {
  const { sql, temporal, log } = dependencies;
  return {
    /** Returns the milliseconds until the next webhook of the source is due; null when none waits. */
    processWebhooks: (source: WebhookSource): Promise<number | null> =>
      runActivity({ log }, ({ signal }) => processWebhooks(dependencies, source, signal)),

    /**
     * Wakes the processing of every source that has been left waiting, as after an outage of Temporal; of shops'
     * orders, which nobody but the database tells of, always.
     */
    wakeWaitingWebhooks: (): Promise<void> =>
      runActivity({ log }, async () => {
        for (const source of await sourcesWithDueWebhooks(sql)) await wakeWebhookProcessing(temporal, source);
        for (const shopId of await shopsWithMarkedOrders(sql)) await wakeOrderConversions(temporal, shopId);
      }),
  };
}
