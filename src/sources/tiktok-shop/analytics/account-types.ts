import type { RecordMapping } from '../records/record.ts';
import { type AnalyticsRequest, type Chain, type DayOfShop, readRows } from './chain.ts';

/** Of the shop's own accounts; whoever is in neither list is an affiliate. */
export const ownAccounts = ['OFFICIAL_ACCOUNTS', 'MARKETING_ACCOUNTS'];
const affiliateAccounts = 'AFFILIATE_ACCOUNTS';

/**
 * A list of contents with the kind of account that each belongs to. Records do not say: the whole list is read, and
 * then the short ones of the shop's own accounts.
 */
export function* withAccountTypes(day: DayOfShop, request: AnalyticsRequest, mapping: RecordMapping): Chain {
  const all = yield* readRows(day, request, mapping);
  if (all.rows.length === 0) return all;
  const types = new Map<string, string>();
  let isFiltered = false;
  for (const accountType of ownAccounts) {
    const query = { ...request.query, account_type: accountType };
    const own = yield* readRows(day, { ...request, query }, mapping);
    for (const row of own.rows) types.set(mapping.keyOf(row), accountType);
    isFiltered ||= own.rows.length < all.rows.length;
  }
  // An upstream whose every list is the whole one says nothing about accounts.
  for (const row of all.rows) {
    row.account_type = isFiltered ? (types.get(mapping.keyOf(row)) ?? affiliateAccounts) : null;
  }
  return all;
}
