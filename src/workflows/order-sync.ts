import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderActivities } from '../activities/orders/index.ts';
import type { RunActivities, TakenRun } from '../activities/runs.ts';
import { failureOf } from './failure-of.ts';
import { inLanes } from './in-lanes.ts';
import { type RunRequest, requestSignal, wakeSignal } from './messages.ts';

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

// Bookkeeping is a statement or two: local activities spare a round through the server.
const { takeNextRun, finishRun, pauseRun, resumeRun, endRun } = proxyLocalActivities<RunActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** While history is read, changes are looked for this often. */
const changesInterval = '30s';

type Outcome = 'done' | 'history-full' | 'interrupted' | { failure: ReturnType<typeof failureOf> };

/** Works off the order runs of one shop, one at a time, from what the database says; ends when none is left. */
export async function orderSync(input: OrderSyncInput): Promise<void> {
  let awake = true;
  let current: Handle | null = null;
  // A workflow that was started anew hears of a request before it has asked which run is on.
  const early = new Map<string, RunRequest>();
  setHandler(wakeSignal, () => {
    awake = true;
  });
  setHandler(requestSignal, ({ runId, request }) => {
    if (current?.runId !== runId) {
      early.set(runId, request);
      return;
    }
    current.request = request;
    if (request !== 'resume') current.scope?.cancel();
  });

  while (awake) {
    awake = false;
    const run = await takeNextRun(input.shopId, 'orders');
    if (run === null) continue;
    awake = true;
    current = { runId: run.runId, request: early.get(run.runId) ?? null, scope: null };
    early.clear();
    if (!(await workOff(input.shopId, run, current))) await continueAsNew<typeof orderSync>(input);
    current = null;
  }
}

/** The run that is on, as signals reach it. */
interface Handle {
  runId: string;
  request: RunRequest | null;
  scope: CancellationScope | null;
}

/** Takes one run to its end, through pauses. False when the workflow's history is full and it must go on anew. */
async function workOff(shopId: string, run: TakenRun, handle: Handle): Promise<boolean> {
  const { runId } = run;
  let paused = run.status === 'paused';
  while (true) {
    if (paused) {
      await condition(() => handle.request === 'resume' || handle.request === 'cancel');
      if (handle.request === 'cancel') {
        await endRun(runId, 'cancelled', null);
        return true;
      }
      handle.request = null;
      await resumeRun(runId);
      paused = false;
    }
    const outcome = await attempt(shopId, run, handle);
    if (outcome === 'done') {
      await finishRun(runId);
      return true;
    }
    // What was asked of the run would be forgotten with this history.
    if (outcome === 'history-full' && handle.request === null) return false;
    if (outcome === 'interrupted' || outcome === 'history-full') {
      if (handle.request === 'cancel') {
        await endRun(runId, 'cancelled', null);
        return true;
      }
      if (handle.request === 'pause') await pauseRun(runId, 'requested', null);
      paused = handle.request === 'pause';
      handle.request = null;
      continue;
    }
    if (outcome.failure.kind === 'failed') {
      await endRun(runId, 'failed', outcome.failure.error);
      return true;
    }
    paused = (await pauseRun(runId, 'parked', outcome.failure.error)) !== 'reconnected';
  }
}

/** Runs the stages of a run inside a scope that a pause or a cancellation ends; every stage resumes by itself. */
async function attempt(shopId: string, run: TakenRun, handle: Handle): Promise<Outcome> {
  if (handle.request === 'pause' || handle.request === 'cancel') return 'interrupted';
  const scope = new CancellationScope();
  handle.scope = scope;
  try {
    return await scope.run(() => (run.mode === 'incremental' ? readChanges(run) : readAll(shopId, run)));
  } catch (error) {
    if (isCancellation(error)) {
      if (scope.consideredCancelled && handle.request !== null) return 'interrupted';
      await CancellationScope.nonCancellable(() => endRun(run.runId, 'cancelled', null));
      throw error;
    }
    return { failure: failureOf(error) };
  } finally {
    handle.scope = null;
  }
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
