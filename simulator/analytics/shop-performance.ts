import { contentTypes } from './contents.ts';
import { type Figures, ratio } from './figures.ts';
import { readChoice, readCurrency, readRange } from './request.ts';
import { analyticsScope, type DataRoute, intervalDates, intervals, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';

type Currency = 'LOCAL' | 'USD';
type Row = Record<string, unknown>;

/** Shop performance. Days after the latest available one come back half full, as the platform warns (facts, section 7). */
export const shopPerformance: DataRoute = {
  name: 'analytics_shop',
  method: 'GET',
  path: /^\/analytics\/(202405|202509|202609)\/shop\/performance$/,
  scope: analyticsScope,
  answer({ analytics, query, parts }) {
    const range = readRange(query, analytics);
    const granularity = readChoice(query, 'granularity', ['ALL', '1D']);
    const currency = readCurrency(query);
    const shape = shapes[parts[0] ?? ''] ?? shape202509;
    const seen = { from: range.from, to: Math.min(range.to, analytics.today + 1) };
    const rows = intervals(seen, granularity).map((interval) => ({
      ...intervalDates(interval),
      ...shape(analytics, interval, currency),
    }));
    const before = { from: range.from - (range.to - range.from), to: range.from };
    const comparison =
      parts[0] === '202405' && query.get('with_comparison') === 'true'
        ? { comparison_intervals: [{ ...intervalDates(before), ...shape(analytics, before, currency) }] }
        : {};
    return {
      data: { ...latest(analytics), performance: { intervals: rows, ...comparison } },
      rows: rows.length,
    };
  },
};

const shapes: Record<string, (analytics: ShopAnalytics, range: DayRange, currency: Currency) => Row> = {
  '202405': shape202405,
  '202509': shape202509,
  '202609': shape202609,
};

function shape202405(analytics: ShopAnalytics, range: DayRange, currency: Currency): Row {
  const total = analytics.total(range);
  const audience = analytics.totalAudience(range);
  return {
    gmv: analytics.money(total.gmv, currency),
    gmv_breakdowns: contentTypes.map((type) => ({ ...analytics.money(total.gmvBy[type], currency), type })),
    orders: total.orders,
    sku_orders: total.skuOrders,
    units_sold: total.items,
    buyers: total.customers,
    avg_order_value: analytics.money(total.orders === 0 ? 0 : Math.round(total.gmv / total.orders), currency),
    product_impressions: audience.impressions,
    product_page_views: audience.pageViews,
    avg_product_page_visitors: average(audience.uniqueClicks, range),
    refunds: analytics.money(total.refunds, currency),
    cancellations_and_returns: total.refundedItems,
  };
}

/** How deep the sums of this version stand is told differently by different readers: the setting decides. */
function shape202509(analytics: ShopAnalytics, range: DayRange, currency: Currency): Row {
  const total = analytics.total(range);
  const audience = analytics.totalAudience(range);
  const nested = analytics.settings.nesting === 'overall';
  const money = (amount: number): unknown => {
    const value = analytics.money(amount, currency);
    return nested ? { overall: value } : value;
  };
  const count = (value: number): unknown => (nested ? { overall: value } : value);
  return {
    sales: {
      gmv: nested
        ? {
            overall: analytics.money(total.gmv, currency),
            breakdowns: contentTypes.map((type) => ({
              type,
              ...analytics.money(total.gmvBy[type], currency),
            })),
          }
        : analytics.money(total.gmv, currency),
      gross_revenue: money(total.gmv + total.platformDiscount),
      items_sold: nested
        ? {
            overall: total.items,
            breakdowns: contentTypes.map((type) => ({ type, amount: total.itemsBy[type] })),
          }
        : total.items,
      orders_count: count(total.orders),
      sku_orders_count: count(total.skuOrders),
      avg_customers_count: count(average(total.customers, range)),
      refunds: money(total.refunds),
    },
    traffic: trafficOf(total, audience, range),
  };
}

function shape202609(analytics: ShopAnalytics, range: DayRange, currency: Currency): Row {
  const total = analytics.total(range);
  const audience = analytics.totalAudience(range);
  const money = (amount: number): unknown => analytics.money(amount, currency);
  const bySource = analytics.totalsBy(
    'sources',
    range,
    ({ origin }) =>
      `${origin.type} ${origin.account === null || origin.account.type !== 'AFFILIATE_ACCOUNTS' ? 'SELLER' : 'CREATOR'}`,
  );
  const gmvOf = (type: string, channel: string): number => bySource.get(`${type} ${channel}`)?.gmv ?? 0;
  const each = (whole: number, parts: number): number => (parts === 0 ? 0 : Math.round(whole / parts));
  return {
    sales: {
      gmv: money(total.gmv),
      gmv_with_tax: money(total.gmv + total.tax),
      gmv_with_tiktok_co_funding: money(total.gmv + total.platformDiscount),
      tax: money(total.tax),
      refunds: money(total.refunds),
      shipping_fees: money(0),
      avg_order_value: money(each(total.gmv, total.orders)),
      avg_sku_order_value: money(each(total.gmv, total.skuOrders)),
      orders_count: total.orders,
      sku_orders_count: total.skuOrders,
      items_sold: total.items,
      customers_count: total.customers,
      cancellations_and_returns: total.refundedItems,
      live_gmv: money(total.gmvBy.LIVE),
      live_attributed_gmv: money(total.gmvBy.LIVE),
      live_indirect_gmv: money(0),
      video_gmv: money(total.gmvBy.VIDEO),
      video_attributed_gmv: money(total.gmvBy.VIDEO),
      video_indirect_gmv: money(0),
      product_card_attributed_gmv: money(total.gmvBy.PRODUCT_CARD),
      seller_live_attributed_gmv: money(gmvOf('LIVE', 'SELLER')),
      seller_video_attributed_gmv: money(gmvOf('VIDEO', 'SELLER')),
      creator_live_attributed_gmv: money(gmvOf('LIVE', 'CREATOR')),
      creator_video_attributed_gmv: money(gmvOf('VIDEO', 'CREATOR')),
    },
    traffic: {
      product_impressions: audience.impressions,
      product_clicks: audience.clicks,
      unique_product_impressions: audience.uniqueImpressions,
      unique_clicks: audience.uniqueClicks,
      ...trafficOf(total, audience, range),
    },
    breakdowns: {
      content_breakdown: (['LIVE', 'VIDEO'] as const).flatMap((type) =>
        (['SELLER', 'CREATOR'] as const).map((channel) => ({
          content_type: type,
          channel,
          gmv: money(gmvOf(type, channel)),
          indirect_gmv: money(0),
        })),
      ),
      seller_product_card_gmv: money(gmvOf('PRODUCT_CARD', 'SELLER')),
      affiliate_product_card_attributed_gmv: money(gmvOf('PRODUCT_CARD', 'CREATOR')),
    },
  };
}

function trafficOf(
  total: Figures,
  audience: { pageViews: number; uniqueClicks: number },
  range: DayRange,
): Row {
  return {
    avg_page_views: average(audience.pageViews, range),
    avg_visitors: average(audience.uniqueClicks, range),
    // The platform's own spelling.
    avg_conversation_rate: ratio(total.customers, audience.uniqueClicks),
  };
}

function average(sum: number, { from, to }: DayRange): number {
  return Math.round(sum / Math.max(1, to - from));
}
