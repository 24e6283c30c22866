import { periodsOf } from '../../analytics/cover.ts';
import { type CustomerSelection, readCustomers } from '../../db/reports/customers.ts';
import type { Listing } from '../listing.ts';

/** Customers of each period, from the shop's orders. */
export const customerListing: Listing<CustomerSelection> = {
  name: 'customers',
  async *rows(scope, tx, { from, to, granularity }) {
    yield await readCustomers(scope, tx, periodsOf(from, to, granularity));
  },
};
