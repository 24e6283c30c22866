import type { Logger } from 'pino';
import { noteRunError } from '../../db/queries/runs.ts';
import { listOpenSlices } from '../../db/queries/slices.ts';
import { rollUpOrderDays } from '../../db/reports/order-day-totals.ts';
import { vacuumGrownTables } from '../../db/vacuum-grown-tables.ts';
import { type ActivityFrame, runActivity } from '../run-activity.ts';
import type { OrderDependencies } from './dependencies.ts';
import { type HistoryPlan, planHistory } from './plan-history.ts';
import { type OrderToRefresh, refreshOrder } from './refresh-order.ts';
import { verifyHistory } from './verify-history.ts';
import { walkChanges } from './walk-changes.ts';
import { type WalkSliceInput, type WalkSliceResult, walkSlice } from './walk-slice.ts';

/** Slice ids handed to the workflow at once: a payload of a few kilobytes. */
const openSlicesAtOnce = 500;

export interface WalkedSlice extends WalkSliceResult {
  /** Slices of the shop that are worth reading side by side from now on. */
  parallelSlices: number;
}

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** The activities of `orderSync`: they take and return ids, bounds and counts, never an order. */
export function createOrderActivities(dependencies: OrderDependencies & { log: Logger }) {
  const { sql, log } = dependencies;
  const frame = (runId: string): ActivityFrame => ({
    log: log.child({ runId }),
    note: (error) => noteRunError(sql, runId, error),
  });
  return {
    planOrderHistory: (runId: string): Promise<HistoryPlan> =>
      runActivity(frame(runId), (control) => planHistory(dependencies, control, runId)),

    listOpenOrderSlices: (runId: string): Promise<number[]> =>
      runActivity(frame(runId), () => listOpenSlices(sql, runId, openSlicesAtOnce)),

    walkOrderSlice: (input: WalkSliceInput): Promise<WalkedSlice> =>
      runActivity(frame(input.runId), async (control) => {
        const result = await walkSlice(dependencies, control, input);
        return { ...result, parallelSlices: dependencies.parallelSlices(input.shopId) };
      }),

    walkOrderChanges: (runId: string): Promise<void> =>
      runActivity(frame(runId), (control) => walkChanges(dependencies, control, runId)),

    verifyOrderHistory: (runId: string): Promise<{ reopened: number }> =>
      runActivity(frame(runId), (control) => verifyHistory(dependencies, control, runId)),

    refreshOrder: (order: OrderToRefresh): Promise<void> =>
      runActivity({ log }, (control) => refreshOrder(dependencies, control, order)),

    /** Sums the days anew whose totals are out of date: until then statistics are as exact, and slower. */
    rollUpOrderDays: (shopId: string): Promise<void> =>
      runActivity({ log }, async (control) => {
        await vacuumGrownTables(sql, ['orders', 'line_items']);
        await rollUpOrderDays(sql, shopId, (days) => {
          control.heartbeat({ days });
          control.signal.throwIfAborted();
        });
      }),
  };
}
