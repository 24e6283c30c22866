import type { RouteName } from '../control/faults.ts';
import type { PageTokenKind } from '../orders/page-token.ts';
import type { SimulatedShop } from '../shops.ts';
import { writeDate } from './calendar.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

/** One call that the gateway has let through. */
export interface DataCall {
  shop: SimulatedShop;
  analytics: ShopAnalytics;
  path: string;
  query: ReadonlyMap<string, string>;
  /** The parsed body; `undefined` where there is none. */
  body: unknown;
  /** The parts of the path that its pattern captures; the first is the version. */
  parts: readonly string[];
  pageTokens: PageTokenKind;
}

export interface DataAnswer {
  /** Of the envelope. Texts made by {@link integer} become JSON integers. */
  data: Record<string, unknown>;
  rows: number;
}

/** An endpoint that needs a shop, a scope and nothing else of the gateway. */
export interface DataRoute {
  name: RouteName;
  method: 'GET' | 'POST';
  path: RegExp;
  scope: string;
  /** Throws a Refused for a parameter that does not fit. */
  answer(call: DataCall): DataAnswer;
}

export const analyticsScope = 'data.shop_analytics.public.read';

const mark = 'integer:';

/** An id that goes out as a JSON integer, which beyond 2^53 no JavaScript number can carry. */
export function integer(digits: string): string {
  return mark + digits;
}

/** The data as JSON text. */
export function dataText(data: Record<string, unknown>): string {
  return JSON.stringify(data).replace(new RegExp(`"${mark}(\\d+)"`, 'g'), '$1');
}

/** `latest_available_date`, which almost every answer of analytics carries. */
export function latest(analytics: ShopAnalytics): Record<string, string> {
  return { latest_available_date: writeDate(analytics.latestAvailable) };
}

export function intervalDates({ from, to }: DayRange): { start_date: string; end_date: string } {
  return { start_date: writeDate(from), end_date: writeDate(to) };
}

/** One range for ALL, one for each day for 1D; empty ones are left out. */
export function intervals(range: DayRange, granularity: 'ALL' | '1D'): DayRange[] {
  if (range.from >= range.to) return [];
  if (granularity === 'ALL') return [range];
  return Array.from({ length: range.to - range.from }, (_, nth) => ({
    from: range.from + nth,
    to: range.from + nth + 1,
  }));
}
