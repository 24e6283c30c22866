import { type Erasure, listErasures } from '../../privacy/erasures.ts';
import { listShops } from '../../shops/shops.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Of these shops, or of all (null). */
export interface OfShops {
  shopIds: readonly string[] | null;
}

/** The shops themselves. */
export const shopListing: Listing<OfShops, null> = {
  name: 'shops',
  async *rows(_, tx, { shopIds }) {
    const all = await listShops(tx);
    yield all.filter(({ id }) => shopIds === null || shopIds.includes(id));
  },
};

/** Erasures of buyers and shops with their reports; they stay when the shop is gone. */
export const erasureListing: Listing<OfShops, null> = {
  name: 'erasures',
  rows: (_, tx, { shopIds }) =>
    inPages(
      (after: string | null, limit) =>
        listErasures(tx, { shopIds, limit, ...(after === null ? {} : { after }) }),
      // Null for a rehearsal, of which nothing is kept.
      ({ erasure_id: id }: Erasure) => id ?? '',
      (erasure) => erasure,
    ),
};
