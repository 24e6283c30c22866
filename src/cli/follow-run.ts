import { setTimeout as sleep } from 'node:timers/promises';
import { finishedStatuses, type Run } from '../sync/types.ts';
import type { ProgressDisplay, ProgressState } from './progress.ts';

export interface FollowOptions {
  /** Reads the run as it is now. */
  read(): Promise<Run>;
  display: ProgressDisplay;
  /** What the line is called. */
  label: string;
  signal: AbortSignal;
  /** Called with every state that was read. */
  onState?(run: Run): void;
}

const POLL_MS = 250;

/**
 * Shows a run until it is finished or paused. Breaking off leaves the run going.
 *
 * @returns the run as it was read last
 */
export async function followRun(options: FollowOptions): Promise<Run> {
  const { read, display, label, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const run = await read();
    options.onState?.(run);
    const state = stateOf(run);
    display.update(label, state);
    if (finishedStatuses.includes(run.status) || run.status === 'paused') return run;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function stateOf(run: Run): ProgressState {
  const { progress } = run;
  return {
    done: progress?.orders_done ?? run.counts.fetched,
    expected: progress?.orders_expected ?? null,
    ratePerSecond: progress?.rate_per_s ?? 0,
    etaSeconds: run.status === 'running' ? (progress?.eta_s ?? null) : null,
    ...(run.status === 'running' ? {} : { note: run.status.replaceAll('_', ' ') }),
  };
}
