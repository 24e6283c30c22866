import type { Run, StartedRun } from '../../sync/types.ts';
import { followRun } from '../follow-run.ts';
import type { ProgressDisplay } from '../progress.ts';
import type { ApiClient } from './api-client.ts';

export interface SyncShopsOptions {
  api: ApiClient;
  shopIds: readonly string[];
  mode: 'full' | 'incremental';
  display: ProgressDisplay;
  signal: AbortSignal;
}

export interface ShopSync {
  run: Run;
  /** From the request to the moment at which the run was seen finished. */
  durationMs: number;
}

/** Syncs all shops side by side and shows how far each is. */
export async function syncShops(options: SyncShopsOptions): Promise<ShopSync[]> {
  const { api, shopIds, mode, display, signal } = options;
  const path = mode === 'full' ? '/api/sync/orders/full' : '/api/sync/orders';
  try {
    return await Promise.all(
      shopIds.map(async (shopId) => {
        const startedAt = performance.now();
        const started = await api.post<StartedRun>(path, { shop_id: shopId });
        const run = await followRun({
          read: () => api.get<Run>(`/api/v1/syncs/${started.run_id}`),
          display,
          label: shopId,
          signal,
        });
        return { run, durationMs: performance.now() - startedAt };
      }),
    );
  } finally {
    display.end();
  }
}
