import type { Session, Shop } from '../api-types.ts';
import type { Comparison } from './comparison.ts';
import type { Granularity, Range } from './range.ts';

/** What every view of the analytics page is shown for. */
export interface ViewProps {
  shop: Shop;
  session: Session;
  range: Range;
  comparison: Comparison;
  granularity: Granularity;
  /** Of the address: filters, sort, what is opened. */
  query: URLSearchParams;
}

/** The days of a range as the API takes them. */
export function rangeQuery({ from, to }: Range): Record<string, string> {
  return { start_date: from, end_date: to };
}

export function compareQuery(comparison: Comparison): Record<string, string> {
  return comparison === 'none' ? {} : { compare: comparison };
}

export function maySync({ scopes }: Session): boolean {
  return scopes.includes('admin') || scopes.includes('sync');
}
