import { ActivityCancellationType, proxyActivities, setHandler } from '@temporalio/workflow';
import type { OrderActivities } from '../activities/orders/index.ts';
import { wakeSignal } from './messages.ts';
import { soonAgain } from './retry-policies.ts';

const { rollUpOrderDays } = proxyActivities<OrderActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  // Statistics are right without it, only slower: syncs go first.
  priority: { priorityKey: 5 },
});

/** Sums the days of a shop anew that are out of date, beside its syncs: after runs, and after a change of its time zone. */
export async function orderRollUp(shopId: string): Promise<void> {
  let awake = true;
  setHandler(wakeSignal, () => {
    awake = true;
  });
  while (awake) {
    awake = false;
    await rollUpOrderDays(shopId);
  }
}
