import type { Client } from '@temporalio/client';
import { wakeDelivery } from '../conversions/wake-delivery.ts';
import { type DeliveryDependencies, deliverDue } from '../deliveries/deliver-due.ts';
import { listOverdue } from '../deliveries/overdue.ts';
import { runActivity } from './run-activity.ts';

export type DeliveryActivities = ReturnType<typeof createDeliveryActivities>;

/** The activities of deliveries: they take a destination's id and return a time, never an event. */
export function createDeliveryActivities(dependencies: DeliveryDependencies & { temporal: Client }) {
  const { sql, temporal, log } = dependencies;
  return {
    /** Sends what is due; returns when more is, in milliseconds since 1970, or null when it is not known. */
    deliverDue: (destinationId: string): Promise<{ nextDueAt: number | null }> =>
      runActivity({ log: log.child({ destinationId }) }, (control) =>
        deliverDue(dependencies, control, destinationId),
      ),

    /** Wakes the destinations with deliveries that should be under way. */
    wakeOverdue: (): Promise<void> =>
      runActivity({ log }, async () => {
        for (const destinationId of await listOverdue(sql)) await wakeDelivery(temporal, destinationId);
      }),
  };
}
