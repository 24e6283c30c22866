import { type BrandSelection, readBrands } from '../../db/reports/brands.ts';
import type { Listing } from '../listing.ts';

/** Figures by brand: one row each, so few that they are read at once. */
export const brandListing: Listing<BrandSelection> = {
  name: 'analytics-brands',
  async *rows(scope, tx, selection) {
    const rows = await readBrands(scope, tx, selection, { after: null, limit: null });
    yield rows.map(({ row }) => row);
  },
};
