import { countDrift, listDrift, type RecordedDrift } from '../../db/queries/drift-findings.ts';
import { countSetAside, listSetAside, type SetAsidePosition } from '../../db/queries/quarantine.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

type Nothing = Record<string, never>;

/** Records that could not be stored. */
export const quarantineListing: Listing<Nothing> = {
  name: 'quarantine',
  count: (scope, tx) => countSetAside(scope, tx),
  rows: (scope, tx) =>
    inPages(
      (after: SetAsidePosition | null, limit) => listSetAside(scope, tx, { after, limit }),
      ({ position }) => position,
      ({ record }) => record,
    ),
};

/** What TikTok sends and does not document. */
export const driftListing: Listing<Nothing> = {
  name: 'drift',
  count: (scope, tx) => countDrift(scope, tx),
  rows: (scope, tx) =>
    inPages(
      (after: RecordedDrift | null, limit) => listDrift(scope, tx, { after, limit }),
      (drift) => drift,
      (drift) => drift,
    ),
};
