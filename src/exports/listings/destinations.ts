import { listOpenDestinations } from '../../conversions/destinations.ts';
import { destinationKind } from '../../destinations/index.ts';
import type { Listing } from '../listing.ts';

/** Where conversions are sent, without secrets: which are set stands in the JSON list alone. */
export const destinationListing: Listing<Record<string, never>, null> = {
  name: 'destinations',
  async *rows(_, tx) {
    yield await listOpenDestinations(tx, destinationKind);
  },
};
