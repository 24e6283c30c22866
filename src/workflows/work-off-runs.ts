import {
  CancellationScope,
  condition,
  isCancellation,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { RunActivities, TakenRun } from '../activities/runs.ts';
import type { RunStream } from '../sync/types.ts';
import { failureOf } from './failure-of.ts';
import { type RunRequest, requestSignal, wakeSignal } from './messages.ts';

// Bookkeeping is a statement or two: local activities spare a round through the server.
const { takeNextRun, pauseRun, resumeRun, endRun } = proxyLocalActivities<RunActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** What the stages of a run came to. */
export type Outcome = 'done' | 'history-full';

export interface RunWork {
  shopId: string;
  stream: RunStream;
  /** Does the work of a run; every stage resumes by itself. */
  stages(run: TakenRun): Promise<Outcome>;
  /** Ends a run whose stages are done with its result. */
  finish(runId: string): Promise<void>;
}

/** The run that is on, as signals reach it. */
interface Handle {
  runId: string;
  request: RunRequest | null;
  scope: CancellationScope | null;
}

/**
 * Works off the runs of one shop and stream, one at a time, from what the database says, through pauses and
 * cancellations. `history-full`: the workflow must go on anew.
 */
export async function workOffRuns(work: RunWork): Promise<'none-left' | 'history-full'> {
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
    const run = await takeNextRun(work.shopId, work.stream);
    if (run === null) continue;
    awake = true;
    current = { runId: run.runId, request: early.get(run.runId) ?? null, scope: null };
    early.clear();
    if (!(await workOff(work, run, current))) return 'history-full';
    current = null;
  }
  return 'none-left';
}

/** Takes one run to its end, through pauses. False when the workflow's history is full and it must go on anew. */
async function workOff(work: RunWork, run: TakenRun, handle: Handle): Promise<boolean> {
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
    const outcome = await attempt(work, run, handle);
    if (outcome === 'done') {
      await work.finish(runId);
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

/** Runs the stages of a run inside a scope that a pause or a cancellation ends. */
async function attempt(
  work: RunWork,
  run: TakenRun,
  handle: Handle,
): Promise<Outcome | 'interrupted' | { failure: ReturnType<typeof failureOf> }> {
  if (handle.request === 'pause' || handle.request === 'cancel') return 'interrupted';
  const scope = new CancellationScope();
  handle.scope = scope;
  try {
    return await scope.run(() => work.stages(run));
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
