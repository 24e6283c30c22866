import { proxyActivities, setHandler } from '@temporalio/workflow';
import type { OrderConversionActivities } from '../activities/order-conversions.ts';
import { wakeSignal } from './messages.ts';

// What fails here is the database or us, and mends by being tried again.
const { processPaidOrders } = proxyActivities<OrderConversionActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Decides about the orders of a shop that were paid or changed, until nothing is left that it was woken for. */
export async function orderConversions(shopId: string): Promise<void> {
  let awake = true;
  setHandler(wakeSignal, () => {
    awake = true;
  });
  while (awake) {
    awake = false;
    await processPaidOrders(shopId);
  }
}
