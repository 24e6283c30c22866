import type { Logger } from 'pino';
import { listOpenRunDays } from '../../analytics/open-days.ts';
import type { RunDayKey } from '../../analytics/run-days.ts';
import { figureTables } from '../../analytics/streams.ts';
import { loadRun, noteRunError } from '../../db/queries/runs.ts';
import { vacuumGrownTables } from '../../db/vacuum-grown-tables.ts';
import { type ActivityFrame, runActivity } from '../run-activity.ts';
import type { BackfillDependencies } from './dependencies.ts';
import { finishBackfill } from './finish-backfill.ts';
import { planBackfill } from './plan-backfill.ts';
import { type ReadDayResult, readDay } from './read-day.ts';

/** Days handed to the workflow at once: a payload of a few kilobytes. */
const openDaysAtOnce = 200;

export type AnalyticsActivities = ReturnType<typeof createAnalyticsActivities>;

/** The activities of `analyticsBackfill`: they take and return streams, days and counts, never a figure. */
export function createAnalyticsActivities(
  dependencies: BackfillDependencies & { log: Logger; flush(): Promise<void> },
) {
  const { sql, log } = dependencies;
  const frame = (runId: string): ActivityFrame => ({
    log: log.child({ runId }),
    note: (error) => noteRunError(sql, runId, error),
  });
  return {
    planBackfill: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => planBackfill(dependencies, control, runId)),

    listOpenDays: (runId: string): Promise<Omit<RunDayKey, 'runId'>[]> =>
      runActivity(frame(runId), async () => {
        const { source } = await loadRun(sql, runId);
        // The seller center is asked by one request at a time: its days are handed out one by one.
        return listOpenRunDays(sql, runId, source === 'open_api' ? openDaysAtOnce : 1);
      }),

    readAnalyticsDay: (key: RunDayKey): Promise<ReadDayResult> =>
      runActivity(frame(key.runId), (control) => readDay(dependencies, control, key)),

    finishBackfill: (runId: string): Promise<void> =>
      runActivity(frame(runId), async () => {
        await dependencies.flush();
        await finishBackfill(sql, runId);
        await vacuumGrownTables(sql, figureTables);
      }),
  };
}
