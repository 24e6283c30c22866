import {
  countDeliveries,
  type DeliveryFilter,
  deliveryNumber,
  listDeliveries,
} from '../../deliveries/read-deliveries.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Deliveries of conversions; they belong to no shop. */
export const deliveryListing: Listing<DeliveryFilter, null> = {
  name: 'deliveries',
  count: (_, tx, filter) => countDeliveries(tx, filter),
  rows: (_, tx, filter) =>
    inPages(
      (after: number | null, limit) => listDeliveries(tx, filter, { after, limit }),
      ({ id }) => deliveryNumber(id),
      (delivery) => delivery,
    ),
};
