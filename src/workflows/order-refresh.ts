import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { OrderActivities } from '../activities/orders/index.ts';
import type { OrderToRefresh } from '../activities/orders/refresh-order.ts';
import type { RunError } from '../sync/types.ts';
import { failureOf } from './failure-of.ts';

// Somebody waits for the answer: what does not come at once is told as trouble, and tried again by who asked.
const { refreshOrder } = proxyActivities<OrderActivities>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
  priority: { priorityKey: 1 },
});

/** What kept an order from being read again. */
export interface OrderRefreshTrouble {
  kind: 'disconnected' | 'failed';
  error: RunError;
}

/** Reads one order again. Answers with what kept it from that; null when it is stored. */
export async function orderRefresh(order: OrderToRefresh): Promise<OrderRefreshTrouble | null> {
  try {
    await refreshOrder(order);
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
