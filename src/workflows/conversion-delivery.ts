import {
  ActivityCancellationType,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeliveryActivities } from '../activities/deliveries.ts';
import { wakeSignal } from './messages.ts';
import { soonAgain } from './retry-policies.ts';

export interface ConversionDeliveryInput {
  version: 1;
  destinationId: string;
}

// A worker that dies is noticed after five seconds; what it was sending is sent again under the same ids. Nothing that
// goes wrong ends the delivery: it is tried for as long as it lasts.
const { deliverDue } = proxyActivities<DeliveryActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  priority: { priorityKey: 1 },
});

/** Temporal's timers are good for years; the clock of a machine that was set wrong may ask for more. */
const longestWaitMs = 30 * 24 * 60 * 60 * 1_000;

const waitAfterDefectMs = 60_000;

/** Sends the deliveries of one destination, for as long as there is one: from one due time to the next. */
export async function conversionDelivery(input: ConversionDeliveryInput): Promise<void> {
  let awake = true;
  setHandler(wakeSignal, () => {
    awake = true;
  });
  while (true) {
    awake = false;
    const nextDueAt = await deliver(input.destinationId);
    // What was signalled meanwhile is asked for by the next run, which begins awake.
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof conversionDelivery>(input);
    if (nextDueAt === null) await condition(() => awake);
    else await condition(() => awake, Math.min(longestWaitMs, Math.max(1, nextDueAt - Date.now())));
  }
}

/** When there is more to do. What only a person or a new version can mend is tried again each minute, or when woken. */
async function deliver(destinationId: string): Promise<number | null> {
  try {
    return (await deliverDue(destinationId)).nextDueAt;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return Date.now() + waitAfterDefectMs;
  }
}
