import { type KeyViewer, listKeys, maySeeKey } from '../../db/queries/api-keys.ts';
import type { Listing } from '../listing.ts';

/** Keys of the API, without their secrets. */
export const apiKeyListing: Listing<KeyViewer, null> = {
  name: 'api-keys',
  async *rows(_, tx, viewer) {
    yield (await listKeys(tx)).filter((key) => maySeeKey(viewer, key));
  },
};
