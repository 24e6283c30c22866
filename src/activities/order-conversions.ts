import type { Logger } from 'pino';
import { type OrderProcessing, processOrders } from '../conversions/orders/process-orders.ts';
import { runActivity } from './run-activity.ts';

export type OrderConversionActivities = ReturnType<typeof createOrderConversionActivities>;

/** Deciding about paid orders. It takes a shop's id and returns nothing. */
export function createOrderConversionActivities(dependencies: OrderProcessing & { log: Logger }) {
  return {
    processPaidOrders: (shopId: string): Promise<void> =>
      runActivity({ log: dependencies.log }, ({ signal }) => processOrders(dependencies, shopId, signal)),
  };
}
