import type { DriftLedger } from '../../db/drift-ledger.ts';
import type { Sql } from '../../db/pool.ts';
import type { PersonalStore } from '../../db/queries/order-personal.ts';
import type { TikTokShopClient } from '../../sources/tiktok-shop/client.ts';
import type { UpstreamClock } from '../../sources/tiktok-shop/clock.ts';
import type { DecodeBody } from '../../sources/tiktok-shop/envelope.ts';

/** What the order activities work with; made once by the worker. */
export interface OrderDependencies {
  sql: Sql;
  client: TikTokShopClient;
  clock: UpstreamClock;
  personal: PersonalStore;
  drift: Pick<DriftLedger, 'note'>;
  /** Reads a page of history into `OrderRows`. */
  decodePage: DecodeBody;
  /** Slices of a shop that are worth reading side by side at present. */
  parallelSlices(shopId: string): number;
}

/** What an activity tells and asks of whoever runs it; Temporal in production, a plain object in tests. */
export interface ActivityControl {
  /** Aborted when the activity is cancelled or the worker shuts down. */
  signal: AbortSignal;
  heartbeat(details: unknown): void;
}
