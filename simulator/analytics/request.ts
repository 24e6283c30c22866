import { decodePageToken, encodePageToken, type PageTokenKind } from '../orders/page-token.ts';
import type { ParameterFault } from '../orders/search-request.ts';
import { readDate } from './calendar.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

/** Thrown inside a route for a parameter that the platform refuses; the caller makes the refusal of it. */
export class Refused extends Error {
  readonly fault: ParameterFault;
  constructor(fault: ParameterFault) {
    super(fault.message);
    this.fault = fault;
  }
}

type Query = ReadonlyMap<string, string>;

/** The one code for most of what is wrong with a request of analytics (facts, section 9). */
export function invalid(name: string, reason: string): Refused {
  return new Refused({ code: 36009004, httpStatus: 400, message: `Invalid parameter ${name}: ${reason}` });
}

/** `start_date_ge` and `end_date_lt`: both required, the end exclusive. Throws {@link Refused}. */
export function readRange(query: Query, analytics: ShopAnalytics): DayRange {
  const [from, to] = (['start_date_ge', 'end_date_lt'] as const).map((name) => {
    const text = query.get(name);
    if (!text) throw invalid(name, 'it is required');
    const dayNumber = readDate(text);
    if (dayNumber === null) throw invalid(name, 'it is not a date of the form YYYY-MM-DD');
    return dayNumber;
  });
  if (from === undefined || to === undefined || from >= to)
    throw invalid('end_date_lt', 'it must be later than start_date_ge');
  const { widestRangeDays } = analytics.settings;
  if (to - from > widestRangeDays)
    throw invalid('start_date_ge', `the date range is wider than ${widestRangeDays} days`);
  return { from, to };
}

/** One of the values that a parameter may have; the first one where it is not given. Throws {@link Refused}. */
export function readChoice<Value extends string>(
  query: Query,
  name: string,
  values: readonly Value[],
): Value {
  const text = query.get(name) || values[0];
  const found = values.find((value) => value === text);
  if (found === undefined) throw invalid(name, `it must be one of ${values.join(', ')}`);
  return found;
}

export function readCurrency(query: Query): 'LOCAL' | 'USD' {
  return readChoice(query, 'currency', ['LOCAL', 'USD']);
}

/** How a list is sorted: by a field of its rows, most first where nothing else is asked. */
export interface ListOrder {
  field: string;
  descending: boolean;
}

export function readOrder(query: Query, fields: readonly string[]): ListOrder {
  return {
    field: readChoice(query, 'sort_field', fields),
    descending: readChoice(query, 'sort_order', ['DESC', 'ASC']) === 'DESC',
  };
}

/** Sorts by the value, ties by the number of the thing, so that pages do not overlap. */
export function sorted<Row>(
  rows: Row[],
  figureOf: (row: Row) => number,
  numberOf: (row: Row) => number,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows.sort(
    (left, right) => sign * (figureOf(left) - figureOf(right)) || numberOf(left) - numberOf(right),
  );
}

export interface ListPage<Row> {
  rows: Row[];
  nextPageToken: string;
  total: number;
}

/** The page that `page_size` and `page_token` ask for. `key` has to be the same for all pages of one walk. */
export function pageOf<Row>(
  query: Query,
  rows: readonly Row[],
  key: string,
  kind: PageTokenKind,
  fixedSize?: number,
): ListPage<Row> {
  const sizeText = query.get('page_size') ?? '10';
  const size = fixedSize ?? Number(sizeText);
  if (fixedSize === undefined && (!/^\d+$/.test(sizeText) || size < 1 || size > 100))
    throw invalid('page_size', 'it must be between 1 and 100');
  const token = query.get('page_token') ?? '';
  const position = token === '' ? null : decodePageToken(token, key);
  if (token !== '' && position === null)
    throw invalid('page_token', 'unknown, or given out for other filters');
  const start = position?.offset ?? 0;
  const end = start + size;
  const next = end < rows.length ? encodePageToken({ kind, time: 0, order: 0, offset: end }, key) : '';
  return { rows: rows.slice(start, end), nextPageToken: next, total: rows.length };
}

/** All parameters that decide which rows a list has, as one text. */
export function listKey(path: string, query: Query): string {
  const ignored = new Set(['page_token', 'page_size', 'sign', 'timestamp', 'app_key']);
  return JSON.stringify([path, [...query].filter(([name]) => !ignored.has(name)).sort()]);
}
