import { readDate } from './calendar.ts';
import { Figures } from './figures.ts';
import { invalid, readCurrency } from './request.ts';
import { analyticsScope, type DataCall, type DataRoute } from './route.ts';

const hourlyDays = 30;

/** Hour by hour, near real time, for the last thirty days with today. */
export const shopHours: DataRoute = {
  name: 'analytics_hourly',
  method: 'GET',
  path: /^\/analytics\/(202510)\/shop\/performance\/([^/]+)\/performance_per_hour$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query } = call;
    const dayNumber = dayOfPath(call);
    const currency = readCurrency(query);
    const range = { from: dayNumber, to: dayNumber + 1 };
    const { calendar } = analytics;
    const end = Math.min(calendar.momentOf(dayNumber + 1), analytics.now + 1);
    const hours = new Map<number, Figures>();
    for (let time = calendar.momentOf(dayNumber); time < end; time += 900)
      hours.set(Math.floor(calendar.clockOf(time) / 3600), new Figures());
    const total = new Figures();
    for (const sale of analytics.counted('paid', range, true)) {
      total.add(sale);
      hours.get(Math.floor(calendar.clockOf(sale.paidTime) / 3600))?.add(sale);
    }
    const audience = analytics.totalAudience(range);
    const shape = (figures: Figures, share: number): Record<string, unknown> => ({
      gmv: analytics.money(figures.gmv, currency),
      customers: figures.customers,
      items_sold: figures.items,
      orders_count: figures.orders,
      visitors: Math.floor(audience.uniqueClicks * share) + figures.customers,
      product_impressions: Math.floor(audience.impressions * share),
    });
    const rows = [...hours].map(([index, figures]) => ({ index, ...shape(figures, 1 / 24) }));
    const overall = shape(total, 1);
    const latestTimestamp = Math.min(end, analytics.now) - 1;
    const performance = { intervals: rows, overall, latest_available_timestamp: latestTimestamp };
    return { data: { performance }, rows: rows.length };
  },
};

function dayOfPath({ analytics, parts }: DataCall): number {
  const dayNumber = readDate(parts[1] ?? '');
  if (dayNumber === null) throw invalid('date', 'it is not a date of the form YYYY-MM-DD');
  if (dayNumber > analytics.today || dayNumber <= analytics.today - hourlyDays)
    throw invalid('date', `it must be within the last ${hourlyDays} days`);
  return dayNumber;
}
