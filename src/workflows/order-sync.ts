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
import { inLanes } from './in-lanes.ts';
import { type Outcome, workOffRuns } from './work-off-runs.ts';

export interface OrderSyncInput {
  version: 1;
  shopId: string;
}

// A worker that dies is noticed after the heartbeat timeout; five seconds keep the promise of going on within ten.
// Trouble upstream is tried for as long as it lasts: only what waiting cannot mend ends a run.
const heartbeatTimeout = '5s';
const { planOrderHistory, listOpenOrderSlices, walkOrderSlice, walkOrderChanges, verifyOrderHistory } =
  proxyActivities<OrderActivities>({
    startToCloseTimeout: '6h',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  });

const { finishRun } = proxyLocalActivities<RunActivities>({
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
    finish: finishRun,
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
    const lane = async (): Promise<void> => {
      for (let sliceId = open.shift(); sliceId !== undefined && !full(); sliceId = open.shift()) {
        const { parts } = await walkOrderSlice({ shopId, runId, sliceId, targetSize });
        open.unshift(...parts.toReversed());
      }
    };
    await inLanes(Array.from({ length: parallelSlices }, () => lane));
    if (full()) return false;
  }
}
