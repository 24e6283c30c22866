import { proxyActivities } from '@temporalio/workflow';
import type { StarterActivities } from '../activities/starter.ts';
import type { RunStream } from '../sync/types.ts';

// The schedule comes again by itself: a start that fails for minutes is better skipped than queued up.
const { startScheduledSync } = proxyActivities<StarterActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '2m',
});

/** What a schedule starts: it asks for a run the way the API does, so the two never run twice at once. */
export async function syncStarter(shopId: string, stream: RunStream): Promise<void> {
  await startScheduledSync(shopId, stream);
}
