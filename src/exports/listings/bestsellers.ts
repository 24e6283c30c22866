import { type BestsellerSelection, readBestsellers } from '../../db/reports/bestsellers.ts';
import type { Listing } from '../listing.ts';

/** A ranking of the market: at most a hundred rows. */
export const bestsellerListing: Listing<BestsellerSelection> = {
  name: 'bestsellers',
  async *rows(scope, tx, selection) {
    const { data } = await readBestsellers(scope, tx, selection);
    yield data.map(({ rank, ...row }) => ({ rank: rank === null ? null : String(rank), ...row }));
  },
};
