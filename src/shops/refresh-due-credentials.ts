import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Sql } from '../db/pool.ts';
import type { AuthClient } from '../sources/tiktok-shop/auth.ts';
import type { UpstreamClock } from '../sources/tiktok-shop/clock.ts';
import { ApiError } from '../sources/tiktok-shop/errors.ts';
import { createDataKeys } from './data-keys.ts';
import type { OnParked } from './parking.ts';
import { createTokenRefresher } from './token-refresher.ts';

export interface RefreshDueOptions {
  sql: Sql;
  keyRing: KeyRing;
  authClient: Pick<AuthClient, 'refresh'>;
  clock: Pick<UpstreamClock, 'upstreamNow'>;
  onParked?: OnParked;
  /** Told of each grant that could not be refreshed now; the next round tries it again. */
  onFailure?: (credentialId: number, error: ApiError) => void;
}

/** Grants, not shops. */
export interface RefreshCounts {
  due: number;
  refreshed: number;
  /** Found dead; their shops are parked. */
  parked: number;
  /** TikTok could not be asked. */
  failed: number;
}

/** Twice the daily schedule less a little: one missed round costs nothing of a seven-day token. */
const aheadMs = 36 * 60 * 60 * 1000;

/** Refreshes every grant whose access token dies within 36 hours, one after the other. */
export async function refreshDueCredentials(options: RefreshDueOptions): Promise<RefreshCounts> {
  const { sql, keyRing, clock, onFailure } = options;
  const refresher = createTokenRefresher({ ...options, dataKeys: createDataKeys(keyRing) });
  const due = await sql<{ credential_id: number; version: number }[]>`
    select credential_id, version from credentials c
    where status = 'active' and access_token_expires_at < ${new Date(clock.upstreamNow() + aheadMs)}
      and exists (select 1 from shops s where s.credential_id = c.credential_id)
    order by access_token_expires_at`;

  const counts: RefreshCounts = { due: due.length, refreshed: 0, parked: 0, failed: 0 };
  for (const { credential_id: credentialId, version } of due) {
    try {
      await refresher.refresh(credentialId, version);
      counts.refreshed++;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'disconnected') {
        counts.parked++;
      } else {
        counts.failed++;
        onFailure?.(credentialId, error);
      }
    }
  }
  return counts;
}
