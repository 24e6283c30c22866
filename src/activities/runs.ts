import type { Logger } from 'pino';
import type { Sql } from '../db/pool.ts';
import { endRun, pauseRun, resumeRun, takeNextRun } from '../db/queries/runs.ts';
import type { RunError, RunMode, RunStatus, RunStream } from '../sync/types.ts';
import { finishRun } from './orders/finish-run.ts';
import { runActivity } from './run-activity.ts';

export interface TakenRun {
  runId: string;
  mode: RunMode;
  status: RunStatus;
}

export interface RunDependencies {
  sql: Sql;
  log: Logger;
  /** Writes what this process keeps back (counted calls, drift) before a run's figures become final. */
  flush(): Promise<void>;
}

export type RunActivities = ReturnType<typeof createRunActivities>;

/** Bookkeeping of runs: short statements, called as local activities. */
export function createRunActivities(dependencies: RunDependencies) {
  const { sql, log } = dependencies;
  const frame = { log };
  return {
    takeNextRun: (shopId: string, stream: RunStream): Promise<TakenRun | null> =>
      runActivity(frame, async () => {
        const run = await takeNextRun(sql, shopId, stream);
        return run === null ? null : { runId: run.runId, mode: run.mode, status: run.status };
      }),

    finishRun: (runId: string): Promise<void> =>
      runActivity(frame, async () => {
        await dependencies.flush();
        await finishRun(sql, runId);
      }),

    pauseRun: (
      runId: string,
      reason: 'requested' | 'parked',
      error: RunError | null,
    ): Promise<'paused' | 'reconnected'> => runActivity(frame, () => pauseRun(sql, runId, reason, error)),

    resumeRun: (runId: string): Promise<void> => runActivity(frame, () => resumeRun(sql, runId)),

    endRun: (runId: string, status: 'failed' | 'cancelled', error: RunError | null): Promise<void> =>
      runActivity(frame, async () => {
        await dependencies.flush();
        await endRun(sql, runId, status, error);
      }),
  };
}
