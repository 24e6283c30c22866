import { proxyActivities } from '@temporalio/workflow';
import type { TokenActivities } from '../activities/tokens.ts';

// One call to TikTok; its outcome is known within half a minute. The next day comes before the token ends.
const { refreshDueTokens } = proxyActivities<TokenActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5m', maximumAttempts: 50 },
});

/** Renews access tokens that end soon, ahead of need. */
export async function tokenRefresh(): Promise<void> {
  await refreshDueTokens();
}
