import type { Sql } from '../db/pool.ts';
import { eraseBuyer } from '../privacy/erase-buyer.ts';
import { beginShopErasure, rehearseShopErasure } from '../privacy/erase-shop.ts';
import type { BuyerFingerprints } from '../privacy/erased-buyers.ts';
import {
  countErasures,
  type Erasure,
  type ErasureFilter,
  findErasure,
  listErasures,
} from '../privacy/erasures.ts';

export interface PrivacyControl {
  /** Done when it answers. */
  eraseBuyer(shopId: string, buyerId: string, dryRun: boolean): Promise<Erasure>;
  /** Begun when it answers: the data key is destroyed, a worker deletes the rows. */
  eraseShop(shopId: string, dryRun: boolean): Promise<Erasure>;
  list(filter: ErasureFilter): Promise<Erasure[]>;
  count(filter: Pick<ErasureFilter, 'shopIds'>): Promise<number>;
  find(erasureId: string): Promise<Erasure | null>;
}

export interface PrivacyOptions {
  sql: Sql;
  fingerprints: BuyerFingerprints;
  /** Lets a worker finish what has begun. */
  finishOnWorker(shopId: string, erasureId: string): Promise<void>;
}

/** What the API does about erasure. */
export function wirePrivacy({ sql, fingerprints, finishOnWorker }: PrivacyOptions): PrivacyControl {
  return {
    eraseBuyer: (shopId, buyerId, dryRun) => eraseBuyer({ sql, fingerprints, shopId, buyerId, dryRun }),
    async eraseShop(shopId, dryRun) {
      if (dryRun) return rehearseShopErasure(sql, shopId);
      const erasureId = await beginShopErasure(sql, shopId);
      await finishOnWorker(shopId, erasureId);
      const erasure = await findErasure(sql, erasureId);
      if (erasure === null) throw new Error(`Erasure ${erasureId} vanished.`);
      return erasure;
    },
    list: (filter) => listErasures(sql, filter),
    count: (filter) => countErasures(sql, filter),
    find: (erasureId) => findErasure(sql, erasureId),
  };
}
