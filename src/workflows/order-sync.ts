import {
  ActivityCancellationType,
  condition,
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderActivities } from '../activities/orders/index.ts';
import type { RunActivities, TakenRun } from '../activities/runs.ts';
import type { StarterActivities } from '../activities/starter.ts';
import { inLanes, type Lane } from './in-lanes.ts';
import { soonAgain } from './retry-policies.ts';
import { type Outcome, workOffRuns } from './work-off-runs.ts';

export interface OrderSyncInput {
  version: 1;
  shopId: string;
}

// A worker that dies is noticed after the heartbeat timeout; five seconds keep the promise of going on within ten.
// Trouble upstream is tried for as long as it lasts: only what waiting cannot mend ends a run.
const heartbeatTimeout = '5s';
const options = {
  startToCloseTimeout: '6h',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: soonAgain,
} as const;
// Where workers have more to do than slots for it, what somebody waits for goes first; the shops take turns in each
// class, by the fairness key of their workflows.
const { walkOrderChanges } = proxyActivities<OrderActivities>({ ...options, priority: { priorityKey: 2 } });
const { planOrderHistory, listOpenOrderSlices, walkOrderSlice, verifyOrderHistory } =
  proxyActivities<OrderActivities>({ ...options, priority: { priorityKey: 4 } });

const { finishRun, startOrderRollUp } = proxyLocalActivities<RunActivities & StarterActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** While history is read, changes are looked for this often. */
const changesInterval = '30s';

/** Works off the order runs of one shop, one at a time, from what the database says; ends when none is left. */
export async function orderSync(input: OrderSyncInput): Promise<void> {
  const { shopId } = input;
  const left = await workOffRuns({
    shopId,
    stream: 'orders',
    stages: (run) => (run.mode === 'incremental' ? readChanges(run) : readAll(shopId, run)),
    async finish(runId) {
      await finishRun(runId);
      // Beside the next run, not before it: after a full sync there are years of days to sum.
      await startOrderRollUp(shopId);
    },
  });
  if (left === 'history-full') await continueAsNew<typeof orderSync>(input);
}

async function readChanges(run: TakenRun): Promise<Outcome> {
  await walkOrderChanges(run.runId);
  return 'done';
}

/** A full sync reads history and changes side by side; a window run reads its piece of history only. */
async function readAll(shopId: string, run: TakenRun): Promise<Outcome> {
  const { runId } = run;
  const plan = await planOrderHistory(runId);
  let stop = false;
  let historyFull = false;
  const changes = async (): Promise<void> => {
    while (!stop) {
      await walkOrderChanges(runId);
      await condition(() => stop, changesInterval);
    }
  };
  const history = async (): Promise<void> => {
    try {
      historyFull = !(await readHistory(shopId, runId, plan));
    } finally {
      stop = true;
    }
  };
  await inLanes([history, ...(run.mode === 'full' ? [changes] : [])]);
  if (historyFull) return 'history-full';
  if (run.mode === 'full') await walkOrderChanges(runId);
  return 'done';
}

/** Reads slices until every one of them is walked and upstream's totals agree. False when it must go on anew. */
async function readHistory(
  shopId: string,
  runId: string,
  { parallelSlices, targetSize }: { parallelSlices: number; targetSize: number },
): Promise<boolean> {
  const full = (): boolean => workflowInfo().continueAsNewSuggested;
  while (true) {
    const open = await listOpenOrderSlices(runId);
    if (open.length === 0) {
      const { reopened } = await verifyOrderHistory(runId);
      if (reopened === 0) return true;
      continue;
    }
    // The worker knows the budget and upstream's latency: it says after each slice how many are worth reading at once.
    let wanted = Math.max(1, parallelSlices);
    let running = Math.min(wanted, open.length);
    const lane: Lane = async (spawn) => {
      for (let sliceId = open.shift(); sliceId !== undefined && !full(); sliceId = open.shift()) {
        const walked = await walkOrderSlice({ shopId, runId, sliceId, targetSize });
        open.unshift(...walked.parts.toReversed());
        // Results in older histories say nothing of it: there the lanes stay as they are.
        wanted = Math.max(1, walked.parallelSlices ?? running);
        if (running > wanted) break;
        for (; running < wanted && open.length > 0 && !full(); running += 1) spawn(lane);
      }
      running -= 1;
    };
    await inLanes(Array.from({ length: running }, () => lane));
    if (full()) return false;
  }
}
