import type { Logger } from 'pino';
import { noteRunError } from '../../db/queries/runs.ts';
import { type ActivityFrame, runActivity } from '../run-activity.ts';
import { checkStoredRows } from './check-stored-rows.ts';
import { compareWindows } from './compare-windows.ts';
import type { ReconciliationDependencies } from './dependencies.ts';
import { finishReconciliation } from './finish-reconciliation.ts';
import { planReconciliation } from './plan-reconciliation.ts';

export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;

/** The activities of `reconciliation`: they take a run's id and return nothing; what they find is in the database. */
export function createReconciliationActivities(dependencies: ReconciliationDependencies & { log: Logger }) {
  const { sql, log } = dependencies;
  const frame = (runId: string): ActivityFrame => ({
    log: log.child({ runId }),
    note: (error) => noteRunError(sql, runId, error),
  });
  return {
    planReconciliation: (runId: string): Promise<void> =>
      runActivity(frame(runId), () => planReconciliation(dependencies, runId)),

    checkStoredRows: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => checkStoredRows(dependencies, control, runId)),

    compareWindows: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => compareWindows(dependencies, control, runId)),

    finishReconciliation: (runId: string): Promise<void> =>
      runActivity({ log }, async () => {
        await dependencies.flush();
        await finishReconciliation(sql, runId);
      }),
  };
}
