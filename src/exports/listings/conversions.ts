import { showConversion } from '../../conversions/show-conversion.ts';
import {
  type ConversionFilter,
  countConversions,
  listConversions,
} from '../../db/queries/conversion-events.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Events with the state of their deliveries; they belong to no shop. */
export const conversionListing: Listing<ConversionFilter, null> = {
  name: 'conversions',
  count: (_, tx, filter) => countConversions(tx, filter),
  rows: (_, tx, filter) =>
    inPages(
      (after: number | null, limit) => listConversions(tx, filter, { after, limit }),
      (record) => record.event_key,
      showConversion,
    ),
};
