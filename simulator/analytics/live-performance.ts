import { isOwn, readAccountFilter } from './accounts.ts';
import { type ContentAudience, contentAudience } from './audience.ts';
import { contentOverview } from './content-overview.ts';
import type { LiveSession } from './contents.ts';
import { type Figures, noFigures, ratio } from './figures.ts';
import { invalid, listKey, pageOf, readCurrency, readOrder, readRange, sorted } from './request.ts';
import { analyticsScope, type DataCall, type DataRoute, latest } from './route.ts';
import type { DayRange, ShopAnalytics } from './shop-analytics.ts';
import { creatorOf } from './video-performance.ts';

type Currency = 'LOCAL' | 'USD';
type Row = Record<string, unknown>;

const sortFields = [
  'gmv',
  'products_added',
  'different_products_sold',
  'sku_orders',
  'items_sold',
  'customers',
  '24h_live_gmv',
];

export function bySession(analytics: ShopAnalytics, range: DayRange): Map<number, Figures> {
  return analytics.totalsBy('lives', range, ({ origin }) => (origin.type === 'LIVE' ? origin.content : null));
}

export function liveSalesByProduct(analytics: ShopAnalytics, range: DayRange): Map<string, Figures> {
  return analytics.totalsBy('live products', range, ({ origin, product }) =>
    origin.type === 'LIVE' ? `${origin.content} ${product}` : null,
  );
}

/** The days on which a session can have sold: its own and the next. */
export function daysOf(analytics: ShopAnalytics, session: LiveSession): DayRange {
  const from = analytics.calendar.dayOf(session.startsAt);
  return analytics.available({ from, to: from + 3 });
}

export function audienceOf(analytics: ShopAnalytics, session: LiveSession, range: DayRange): ContentAudience {
  const items = bySession(analytics, range).get(session.number)?.items ?? 0;
  return contentAudience(analytics.seed, session.number + 7, range.from, 0, items);
}

/** The sessions that ran, or still sold, within the days. */
function sessionsIn(analytics: ShopAnalytics, range: DayRange): LiveSession[] {
  const { calendar, contents } = analytics;
  const [begin, end] = [calendar.momentOf(range.from), calendar.momentOf(range.to)];
  const found = bySession(analytics, range);
  const sessions: LiveSession[] = [];
  for (let dayNumber = range.from - 2; dayNumber < range.to; dayNumber += 1) {
    for (const session of contents.sessionsOf(dayNumber)) {
      const ran = session.startsAt < end && session.endsAt > begin;
      if (ran || found.has(session.number)) sessions.push(session);
    }
  }
  return sessions;
}

interface ListedSession {
  session: LiveSession;
  figures: Readonly<Figures>;
  /** Also what was sold on other days. */
  whole: Readonly<Figures>;
  productsSold: number;
}

/** LIVE sessions with their sales of the days asked for; a session over midnight is listed on both days. */
export const liveList: DataRoute = {
  name: 'analytics_lives',
  method: 'GET',
  path: /^\/analytics\/(202508|202509|202609)\/shop_lives\/performance$/,
  scope: analyticsScope,
  answer({ analytics, query, parts, path, pageTokens }) {
    const newest = parts[0] === '202609';
    const range = analytics.available(readRange(query, analytics));
    const currency = readCurrency(query);
    if (newest && (query.get('account_type') ?? 'ALL') === 'ALL')
      throw invalid('account_type', 'it is required, and ALL is none of its values');
    const fits = readAccountFilter(
      query,
      newest && query.get('account_type') === 'LINKED_ACCOUNTS' ? 'newest' : 'current',
    );
    const order = readOrder(query, sortFields);
    const key = listKey(path, query);
    const rows = analytics.remember(key, () => {
      if (range.from >= range.to) return [];
      const found = bySession(analytics, range);
      const products = liveSalesByProduct(analytics, range);
      const sessions = sessionsIn(analytics, range)
        .filter(({ account }) => fits(account))
        .map((session) => ({
          session,
          figures: found.get(session.number) ?? noFigures,
          whole: bySession(analytics, daysOf(analytics, session)).get(session.number) ?? noFigures,
          productsSold: [...products.keys()].filter((name) => name.startsWith(`${session.number} `)).length,
        }));
      return sorted(
        sessions,
        (row) => sortFigure(row, order.field),
        ({ session }) => session.number,
        order.descending,
      );
    });
    const page = pageOf(query, rows, key, pageTokens);
    const sessions = page.rows.map((row) => listedSession(analytics, row, range, currency, newest));
    return {
      data: {
        ...latest(analytics),
        live_stream_sessions: sessions,
        next_page_token: page.nextPageToken,
        total_count: page.total,
      },
      rows: sessions.length,
    };
  },
};

function listedSession(
  analytics: ShopAnalytics,
  { session, figures, whole, productsSold }: ListedSession,
  range: DayRange,
  currency: Currency,
  newest: boolean,
): Row {
  const audience = audienceOf(analytics, session, range);
  const money = (amount: number): Row => analytics.money(amount, currency);
  const gmv = newest
    ? { live_attributed_gmv: money(figures.gmv), live_gmv: money(figures.gmv) }
    : { gmv: money(figures.gmv) };
  const watched = {
    views: audience.views,
    viewers: Math.ceil(audience.views * 0.6),
    acu: Math.ceil(audience.views / 40),
    pcu: Math.ceil(audience.views / 12),
    avg_viewing_duration: 20 + (audience.views % 60),
    comments: audience.comments,
    likes: audience.likes,
    shares: audience.shares,
    new_followers: audience.newFollowers,
    product_impressions: audience.impressions,
    product_clicks: audience.clicks,
    click_through_rate: ratio(audience.clicks, audience.impressions),
  };
  return {
    id: session.id,
    title: session.title,
    ...(newest ? { creator: creatorOf(session.account) } : { username: session.account.username }),
    start_time: String(session.startsAt),
    end_time: String(session.endsAt),
    sales_performance: {
      ...gmv,
      '24h_live_gmv': money(whole.gmv),
      avg_price: money(figures.items === 0 ? 0 : Math.round(figures.gmv / figures.items)),
      products_added: productsSold + 5,
      different_products_sold: productsSold,
      sku_orders: figures.skuOrders,
      created_sku_orders: figures.skuOrders + (session.number % 3),
      items_sold: figures.items,
      customers: figures.customers,
      click_to_order_rate: ratio(figures.skuOrders, audience.clicks),
    },
    // Told of the shop's own accounts only.
    ...(isOwn(session.account) ? { [newest ? 'traffic' : 'interaction_performance']: watched } : {}),
  };
}

function sortFigure({ figures, whole, productsSold }: ListedSession, field: string): number {
  switch (field) {
    case 'products_added':
    case 'different_products_sold':
      return productsSold;
    case 'sku_orders':
      return figures.skuOrders;
    case 'items_sold':
      return figures.items;
    case 'customers':
      return figures.customers;
    case '24h_live_gmv':
      return whole.gmv;
    default:
      return figures.gmv;
  }
}

export const liveOverview = contentOverview({
  name: 'analytics_live_overview',
  path: /^\/analytics\/(202508|202509|202609)\/shop_lives\/overview_performance$/,
  type: 'LIVE',
  accountNames: (version) => (version === '202609' ? 'newest' : 'current'),
  contentsIn: sessionsIn,
  audienceOf,
  row: (figures, sum) => ({
    sku_orders: figures.skuOrders,
    items_sold: figures.items,
    customers: figures.customers,
    click_through_rate: ratio(sum('clicks'), sum('impressions')),
    click_to_order_rate: ratio(figures.skuOrders, sum('clicks')),
  }),
});

/** The session that the path names. */
export function sessionOf({ analytics, parts }: DataCall): LiveSession {
  const session = analytics.contents.sessionById(parts[1] ?? '');
  if (session === null) throw invalid('live_id', 'no session that sold for this shop');
  return session;
}
