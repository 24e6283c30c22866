import {
  ActivityCancellationType,
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnalyticsActivities } from '../activities/analytics/index.ts';
import { inLanes } from './in-lanes.ts';
import { soonAgain } from './retry-policies.ts';
import { type Outcome, workOffRuns } from './work-off-runs.ts';

export interface AnalyticsBackfillInput {
  version: 1;
  shopId: string;
}

// As in the order sync: a worker that dies is noticed within five seconds, and trouble upstream is waited out. Figures
// of past days wait for everything else.
const { planBackfill, readAnalyticsDay } = proxyActivities<AnalyticsActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
  priority: { priorityKey: 5 },
});

const { listOpenDays, finishBackfill } = proxyLocalActivities<AnalyticsActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * Days read at once. The request budget decides how fast calls go, and a day's calls follow each other: this many keep
 * it busy whatever upstream's latency, and a worker's memory small however many products a shop has.
 */
const parallelDays = 8;

/** Reads days of analytics of one shop, one run at a time, from what the database says; ends when none is left. */
export async function analyticsBackfill(input: AnalyticsBackfillInput): Promise<void> {
  const left = await workOffRuns({
    shopId: input.shopId,
    stream: 'analytics',
    async stages({ runId }) {
      await planBackfill(runId);
      return readDays(runId);
    },
    finish: finishBackfill,
  });
  if (left === 'history-full') await continueAsNew<typeof analyticsBackfill>(input);
}

async function readDays(runId: string): Promise<Outcome> {
  const full = (): boolean => workflowInfo().continueAsNewSuggested;
  while (!full()) {
    const open = await listOpenDays(runId);
    if (open.length === 0) return 'done';
    const lane = async (): Promise<void> => {
      for (let day = open.shift(); day !== undefined && !full(); day = open.shift()) {
        await readAnalyticsDay({ runId, ...day });
      }
    };
    await inLanes(Array.from({ length: Math.min(parallelDays, open.length) }, () => lane));
  }
  return 'history-full';
}
