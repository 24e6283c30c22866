import { fetchBatches } from '../../db/fetch-batches.ts';
import {
  type RestatementFilter,
  type RestatementRow,
  selectRestatements,
  showRestatement,
} from '../../db/reports/restatements.ts';
import type { Listing } from '../listing.ts';

/** Figures that TikTok corrected. */
export const restatementListing: Listing<RestatementFilter> = {
  name: 'restatements',
  async *rows(scope, tx, filter) {
    const batches = fetchBatches<RestatementRow>(tx, selectRestatements(scope, tx, filter));
    for await (const rows of batches) yield rows.map(showRestatement);
  },
};
