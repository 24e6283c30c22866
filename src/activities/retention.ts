import type { Logger } from 'pino';
import { pruneAuditLog } from '../db/queries/prune-audit-log.ts';
import { pruneBookkeeping } from '../db/queries/prune-bookkeeping.ts';
import { beginDueErasure, eraseShop } from '../privacy/erase-shop.ts';
import { purgePersonalRows, shopsDueForErasure } from '../privacy/purge.ts';
import { purgeConversions } from '../privacy/purge-conversions.ts';
import type { SyncDependencies } from '../sync/dependencies.ts';
import { stopShop } from '../sync/shop-runs.ts';
import { runActivity } from './run-activity.ts';

export interface RetentionDependencies extends SyncDependencies {
  log: Logger;
  personalRetentionDays: number;
  shopRetentionDays: number;
}

export type RetentionActivities = ReturnType<typeof createRetentionActivities>;

/** Deletion of what may not be kept any longer. They return counts and ids of shops. */
export function createRetentionActivities(dependencies: RetentionDependencies) {
  const { sql, log, personalRetentionDays, shopRetentionDays } = dependencies;
  const frame = { log };
  const finish = async (shopId: string, erasureId: string): Promise<void> => {
    await stopShop(dependencies, shopId);
    await eraseShop(sql, erasureId);
    log.info({ shopId, erasureId }, 'shop erased');
  };
  return {
    /** Personal rows first; then the bookkeeping that nothing needs any more. Returns how many personal rows went. */
    purgePersonalData: (): Promise<number> =>
      runActivity(frame, async () => {
        const rows = await purgePersonalRows(sql, personalRetentionDays);
        const purged = rows + (await purgeConversions(sql, personalRetentionDays));
        await pruneBookkeeping(sql);
        await pruneAuditLog(sql);
        return purged;
      }),

    listShopsToErase: (): Promise<string[]> =>
      runActivity(frame, () => shopsDueForErasure(sql, shopRetentionDays)),

    /** A shop that was connected again meanwhile is left alone. */
    eraseDueShop: (shopId: string): Promise<void> =>
      runActivity(frame, async () => {
        const erasureId = await beginDueErasure(sql, shopId, shopRetentionDays);
        if (erasureId !== null) await finish(shopId, erasureId);
      }),

    eraseShop: (shopId: string, erasureId: string): Promise<void> =>
      runActivity(frame, () => finish(shopId, erasureId)),
  };
}
