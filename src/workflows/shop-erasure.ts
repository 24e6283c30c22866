import { proxyActivities } from '@temporalio/workflow';
import type { RetentionActivities } from '../activities/retention.ts';

// Once asked for it is tried until it is done: its data key is gone already.
const { eraseShop } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Finishes the erasure of a shop whose data key was destroyed. */
export async function shopErasure(shopId: string, erasureId: string): Promise<void> {
  await eraseShop(shopId, erasureId);
}
