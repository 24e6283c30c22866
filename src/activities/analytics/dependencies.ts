import type { DriftLedger } from '../../db/drift-ledger.ts';
import type { Sql } from '../../db/pool.ts';
import type { SellerCenter } from '../../seller-center/index.ts';
import type { TikTokShopClient } from '../../sources/tiktok-shop/client.ts';
import type { UpstreamClock } from '../../sources/tiktok-shop/clock.ts';

/** What the activities of analytics work with; made once by the worker. */
export interface AnalyticsDependencies {
  sql: Sql;
  client: TikTokShopClient;
  clock: UpstreamClock;
  drift: Pick<DriftLedger, 'note'>;
}

/** What days of analytics are read with, wherever they come from. */
export interface BackfillDependencies extends AnalyticsDependencies {
  sellerCenter: SellerCenter;
}
