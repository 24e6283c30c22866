import { countReconciliations, listReconciliations } from '../../db/reports/reconciliations.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** What reconciliations of a shop found and repaired. */
export const reconciliationListing: Listing<Record<string, never>> = {
  name: 'reconciliations',
  count: (scope, tx) => countReconciliations(scope, tx),
  rows: (scope, tx) =>
    inPages(
      (after: string | null, limit) => listReconciliations(scope, tx, { after, limit }),
      (run) => run.run_id,
      (run) => run,
    ),
};
