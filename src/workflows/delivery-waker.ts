import { proxyActivities } from '@temporalio/workflow';
import type { DeliveryActivities } from '../activities/deliveries.ts';

// The schedule comes again in a minute: what fails for longer is better left to it.
const { wakeOverdue } = proxyActivities<DeliveryActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '2m',
});

/** What the schedule starts: it wakes the destinations whose deliveries wait though they are due. */
export async function deliveryWaker(): Promise<void> {
  await wakeOverdue();
}
