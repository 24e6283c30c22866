import { countRuns } from '../../db/queries/count-runs.ts';
import { listRuns } from '../../sync/read-runs.ts';
import type { RunStatus, RunStream } from '../../sync/types.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Runs of a shop. */
export const runListing: Listing<{ stream: RunStream | null; status: RunStatus | null }> = {
  name: 'syncs',
  count: (scope, tx, filter) => countRuns(scope, tx, filter),
  rows: (scope, tx, { stream, status }) =>
    inPages(
      (after: string | null, limit) =>
        listRuns(tx, {
          shopIds: [scope.shopId],
          stream: stream ?? undefined,
          status: status ?? undefined,
          after: after ?? undefined,
          limit,
        }),
      (run) => run.run_id,
      (run) => run,
    ),
};
