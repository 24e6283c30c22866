import { isOwn } from './accounts.ts';
import { contentAudience } from './audience.ts';
import type { LiveSession } from './contents.ts';
import { Figures, noFigures, ratio } from './figures.ts';
import { audienceOf, bySession, daysOf, sessionOf } from './live-performance.ts';
import { invalid, listKey, pageOf, Refused, readCurrency } from './request.ts';
import { analyticsScope, type DataRoute } from './route.ts';
import type { ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';
type Row = Record<string, unknown>;

const minutesAPage = 100;

/** A session minute by minute: only once it is over, only of the shop's own accounts. */
export const liveMinutes: DataRoute = {
  name: 'analytics_live_minutes',
  method: 'GET',
  path: /^\/analytics\/(202510)\/shop_lives\/(\d+)\/performance_per_minutes$/,
  scope: analyticsScope,
  answer(call) {
    const { analytics, query, path, pageTokens } = call;
    const session = sessionOf(call);
    const currency = readCurrency(query);
    if (!isOwn(session.account))
      throw new Refused({ code: 66009315, httpStatus: 200, message: 'No permission for this LIVE room' });
    if (session.endsAt > analytics.now) throw invalid('live_id', 'the session is not over yet');
    const key = listKey(path, query);
    const minutes = analytics.remember(key, () => {
      const figures = Array.from(
        { length: Math.ceil((session.endsAt - session.startsAt) / 60) },
        () => new Figures(),
      );
      for (const sale of analytics.counted('paid', daysOf(analytics, session))) {
        if (sale.origin.type !== 'LIVE' || sale.origin.content !== session.number) continue;
        // Who bought in the session and paid after it belongs to its last minute.
        const minute = Math.floor((sale.paidTime - session.startsAt) / 60);
        figures[Math.max(0, Math.min(figures.length - 1, minute))]?.add(sale);
      }
      return figures.map((one, minute) => ({ minute, figures: one }));
    });
    const page = pageOf(query, minutes, key, pageTokens, minutesAPage);
    const rows = page.rows.map(({ minute, figures }) =>
      minuteRow(analytics, session, minute, figures, currency),
    );
    const whole = bySession(analytics, daysOf(analytics, session)).get(session.number) ?? noFigures;
    const audience = audienceOf(analytics, session, daysOf(analytics, session));
    const overall = {
      live_title: session.title,
      start_time: session.startsAt,
      end_time: session.endsAt,
      duration: session.endsAt - session.startsAt,
      gmv: analytics.money(whole.gmv, currency),
      items_sold: whole.items,
      unique_viewers: Math.ceil(audience.views * 0.6),
      impressions: audience.impressions,
    };
    return {
      data: {
        performance: { overall, intervals: rows },
        next_page_token: page.nextPageToken,
        total_count: page.total,
      },
      rows: rows.length,
    };
  },
};

function minuteRow(
  analytics: ShopAnalytics,
  session: LiveSession,
  minute: number,
  figures: Figures,
  currency: Currency,
): Row {
  const startTime = session.startsAt + minute * 60;
  const audience = contentAudience(analytics.seed, session.number + minute, 11, 9, figures.items);
  const money = (amount: number): Row => analytics.money(amount, currency);
  return {
    start_time: startTime,
    end_time: startTime + 60,
    sales: {
      gmv: money(figures.gmv),
      items_sold: figures.items,
      customers: figures.customers,
      sku_orders: figures.skuOrders,
      main_orders: figures.orders,
    },
    traffic: {
      viewers: Math.ceil(audience.views / 90),
      views: Math.ceil(audience.views / 60),
      impressions: audience.impressions,
      product_impressions: audience.impressions,
      product_clicks: audience.clicks,
      ctr: ratio(audience.clicks, audience.impressions),
      enter_room_rate: '0.1000',
    },
    interactions: {
      comments: audience.comments,
      likes: audience.likes,
      shares: audience.shares,
      new_followers: audience.newFollowers,
      comment_rate: ratio(audience.comments, audience.views),
    },
    conversion: {
      avg_price: money(figures.items === 0 ? 0 : Math.round(figures.gmv / figures.items)),
      click_to_order_rate: {
        sku_order_ctor: ratio(figures.skuOrders, audience.clicks),
        main_order_ctor: ratio(figures.orders, audience.clicks),
      },
      gpm: { watch_gpm: money(0), show_gpm: money(0) },
      created_sku_orders: figures.skuOrders,
      sku_order_rate: ratio(figures.skuOrders, Math.ceil(audience.views / 60)),
    },
  };
}
