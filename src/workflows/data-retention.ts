import { proxyActivities } from '@temporalio/workflow';
import type { ExportActivities } from '../activities/exports.ts';
import type { RetentionActivities } from '../activities/retention.ts';

// Deleting a big shop takes minutes at worst; whatever is in the way, the next hour comes before it matters.
const { purgePersonalData, listShopsToErase, eraseDueShop } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 20 },
});

const { sweepExports } = proxyActivities<ExportActivities>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  // Where files cannot be deleted only a person can help, and the next hour tries again.
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 5 },
});

/**
 * Deletes personal rows whose time is over, also of shops that do not sync, erases shops whose time is over, and
 * deletes the files of exports that have expired.
 */
export async function dataRetention(): Promise<void> {
  await purgePersonalData();
  for (const shopId of await listShopsToErase()) await eraseDueShop(shopId);
  await sweepExports();
}
