import {
  ActivityCancellationType,
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { ProductActivities } from '../activities/products/index.ts';
import { soonAgain } from './retry-policies.ts';
import { workOffRuns } from './work-off-runs.ts';

export interface ProductSyncInput {
  version: 1;
  shopId: string;
}

// As in the order sync: a worker that dies is noticed within five seconds, and trouble upstream is waited out.
const { walkProducts, readProductDetails } = proxyActivities<ProductActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  priority: { priorityKey: 4 },
});

const { finishProductSync } = proxyLocalActivities<ProductActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** Reads the products of one shop, one run at a time; ends when none is left. */
export async function productSync(input: ProductSyncInput): Promise<void> {
  const left = await workOffRuns({
    shopId: input.shopId,
    stream: 'products',
    async stages({ runId }) {
      await walkProducts(runId);
      await readProductDetails(runId);
      return 'done';
    },
    finish: finishProductSync,
  });
  if (left === 'history-full') await continueAsNew<typeof productSync>(input);
}
