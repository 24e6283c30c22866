import {
  ActivityCancellationType,
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/reconciliation/index.ts';
import type { StarterActivities } from '../activities/starter.ts';
import { soonAgain } from './retry-policies.ts';
import { workOffRuns } from './work-off-runs.ts';

export interface ReconciliationInput {
  version: 1;
  shopId: string;
}

// As in the order sync: a worker that dies is noticed within five seconds, and trouble upstream is waited out. Nobody
// waits for a comparison: it goes last.
const { planReconciliation, checkStoredRows, compareWindows } = proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  priority: { priorityKey: 5 },
});

const { finishReconciliation, startOrderRollUp } = proxyLocalActivities<
  ReconciliationActivities & StarterActivities
>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** Holds what is stored of one shop against upstream and mends it, one run at a time; ends when none is left. */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  const left = await workOffRuns({
    shopId: input.shopId,
    stream: 'reconcile',
    async stages({ runId }) {
      await planReconciliation(runId);
      await checkStoredRows(runId);
      await compareWindows(runId);
      return 'done';
    },
    async finish(runId) {
      await finishReconciliation(runId);
      await startOrderRollUp(input.shopId);
    },
  });
  if (left === 'history-full') await continueAsNew<typeof reconciliation>(input);
}
