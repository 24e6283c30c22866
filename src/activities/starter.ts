import type { Logger } from 'pino';
import { TidelineError } from '../errors.ts';
import type { SyncDependencies } from '../sync/dependencies.ts';
import { startOrderRollUp } from '../sync/order-roll-up.ts';
import { startSync } from '../sync/start-sync.ts';
import type { RunStream } from '../sync/types.ts';
import { runActivity } from './run-activity.ts';

export type StarterActivities = ReturnType<typeof createStarterActivities>;

/** What workflows ask for as the API does. */
export function createStarterActivities(dependencies: SyncDependencies & { log: Logger }) {
  return {
    /** A shop that is parked, disconnected, switched off or not read yet is left alone until that changes. */
    startScheduledSync: (shopId: string, stream: RunStream): Promise<void> =>
      runActivity({ log: dependencies.log }, async () => {
        try {
          const mode = stream === 'reconcile' ? 'reconcile' : 'incremental';
          await startSync(dependencies, { shopId, stream, mode, trigger: 'schedule' });
        } catch (error) {
          if (!(error instanceof TidelineError) || error.actor !== 'user') throw error;
          dependencies.log.debug({ shopId, stream, code: error.code }, 'scheduled sync left out');
        }
      }),

    startOrderRollUp: (shopId: string): Promise<void> =>
      runActivity({ log: dependencies.log }, () => startOrderRollUp(dependencies.temporal, shopId)),
  };
}
