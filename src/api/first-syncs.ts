import { streams } from '../sync/types.ts';
import type { SyncControl } from './dependencies.ts';

/** Reads everything of a shop that is new: each stream that was never read to its end. */
export async function startFirstSyncs(sync: SyncControl, shopId: string): Promise<void> {
  for (const stream of streams) {
    const { metadata } = await sync.status(shopId, stream);
    if (metadata.last_full_sync_at === null) {
      await sync.start({ shopId, stream, mode: 'full', trigger: 'connect' });
    }
  }
}
