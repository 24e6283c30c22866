import { readAccountFilter } from './accounts.ts';
import type { ContentAudience } from './audience.ts';
import type { Account } from './contents.ts';
import { Figures } from './figures.ts';
import { readChoice, readCurrency, readRange } from './request.ts';
import { analyticsScope, type DataRoute, intervalDates, intervals, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

/** What the overviews of videos and of LIVE sessions differ in. */
interface Overview<Content extends { account: Account }> {
  name: DataRoute['name'];
  path: RegExp;
  type: 'LIVE' | 'VIDEO';
  /** The names of accounts that a version of the API knows. */
  accountNames(version: string | undefined): Parameters<typeof readAccountFilter>[1];
  contentsIn(analytics: ShopAnalytics, range: DayRange): readonly Content[];
  audienceOf(analytics: ShopAnalytics, content: Content, range: DayRange): ContentAudience;
  /** What is told beside dates and GMV. */
  row(figures: Figures, sum: (name: keyof ContentAudience) => number): Record<string, unknown>;
}

/** All contents of a kind together; `today=true` overrides the dates and answers what can be seen of today by now. */
export function contentOverview<Content extends { account: Account }>(
  overview: Overview<Content>,
): DataRoute {
  const { name, path, type } = overview;
  return {
    name,
    method: 'GET',
    path,
    scope: analyticsScope,
    answer({ analytics, query, parts }) {
      const isToday = query.get('today') === 'true';
      const range = isToday
        ? { from: analytics.today, to: analytics.today + 1 }
        : analytics.available(readRange(query, analytics));
      const granularity = readChoice(query, 'granularity', ['ALL', '1D']);
      const currency = readCurrency(query);
      const fits = readAccountFilter(query, overview.accountNames(parts[0]));
      const rows = intervals(range, granularity).map((interval) => {
        const figures = new Figures();
        for (const sale of analytics.counted('paid', interval, isToday)) {
          const { origin } = sale;
          if (origin.type === type && origin.account !== null && fits(origin.account)) figures.add(sale);
        }
        const audiences = overview
          .contentsIn(analytics, interval)
          .filter(({ account }) => fits(account))
          .map((content) => overview.audienceOf(analytics, content, interval));
        const sum = (field: keyof ContentAudience): number =>
          audiences.reduce((total, one) => total + one[field], 0);
        return {
          ...intervalDates(interval),
          gmv: analytics.money(figures.gmv, currency),
          ...overview.row(figures, sum),
        };
      });
      return { data: { ...latest(analytics), performance: { intervals: rows } }, rows: rows.length };
    },
  };
}
