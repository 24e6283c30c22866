import type { Logger } from 'pino';
import { noteRunError } from '../../db/queries/runs.ts';
import type { AnalyticsDependencies } from '../analytics/dependencies.ts';
import { type ActivityFrame, runActivity } from '../run-activity.ts';
import { finishProductSync } from './finish-product-sync.ts';
import { readDetails } from './read-details.ts';
import { walkProducts } from './walk-products.ts';

export type ProductActivities = ReturnType<typeof createProductActivities>;

/** The activities of `productSync`: they take and return ids, never a product. */
export function createProductActivities(
  dependencies: AnalyticsDependencies & { log: Logger; flush(): Promise<void> },
) {
  const { sql, log } = dependencies;
  const frame = (runId: string): ActivityFrame => ({
    log: log.child({ runId }),
    note: (error) => noteRunError(sql, runId, error),
  });
  return {
    walkProducts: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => walkProducts(dependencies, control, runId)),

    readProductDetails: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => readDetails(dependencies, control, runId)),

    finishProductSync: (runId: string): Promise<void> =>
      runActivity(frame(runId), async () => {
        await dependencies.flush();
        await finishProductSync(sql, runId);
      }),
  };
}
