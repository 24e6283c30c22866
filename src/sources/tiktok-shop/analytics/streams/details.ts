import { isJsonObject } from '../../../../json-object.ts';
import {
  type AnalyticsRow,
  type ColumnSource,
  count,
  decimal,
  key,
  money,
  percentage,
  RecordMapping,
  text,
} from '../../records/record.ts';
import {
  type AnalyticsRequest,
  type Chain,
  type DayOfShop,
  type DayRows,
  datesOf,
  type FoundRecord,
  mapRecords,
  readRecords,
  recordsAt,
} from '../chain.ts';
import { type AnalyticsEndpoint, analyticsEndpoints } from '../endpoints.ts';
import { readOfEach, readSold, withAsideOf } from '../read-of-each.ts';
import { product, sku } from './products.ts';
import { video } from './videos.ts';

/** How the answer on one thing becomes its row of the day. */
interface Detail {
  /** What the answer holds beside its lists. */
  whole: RecordMapping;
  interval: RecordMapping;
  /** Lists that are kept beside the figures, as they stand when the day is read, by column. */
  lists: Readonly<Record<string, KeptList>>;
}

interface KeptList {
  mapping: RecordMapping;
  /** Its elements in an answer, each with what stands around it. */
  elementsIn(performance: Answered): unknown[];
}

type Answered = Readonly<Record<string, unknown>>;

/** TikTok's names of channels, and the ones that columns begin with; see `detail-streams.ts`. */
const channels = { LIVE: 'live', VIDEO: 'video', PRODUCT_CARD: 'product_card' } as const;

function byChannel(columns: (type: string) => Record<string, ColumnSource>): Record<string, ColumnSource> {
  return Object.fromEntries(
    Object.entries(channels).flatMap(([type, channel]) =>
      Object.entries(columns(type)).map(([name, source]) => [`${channel}_${name}`, source]),
    ),
  );
}

/** "Get Shop Product Performance" 202509. */
const ofProduct: Detail = {
  whole: new RecordMapping({
    path: 'performance',
    columns: {},
    alsoDocumented: ['product_id', 'intervals', 'ratings', 'top_contents', 'top_creators'],
  }),
  interval: new RecordMapping({
    path: 'performance.intervals[]',
    columns: {
      gmv: money('sales.gmv'),
      items_sold: count('sales.items_sold'),
      orders_count: count('sales.orders'),
      canceled_count: count('cancel_and_refunds.canceled'),
      returned_count: count('cancel_and_refunds.returned'),
      refunded_count: count('cancel_and_refunds.refunded'),
      replaced_count: count('cancel_and_refunds.replacements'),
      ...byChannel((type) => ({
        gmv: money(`sales.breakdowns[${type}].sales.gmv`),
        items_sold: count(`sales.breakdowns[${type}].sales.items_sold`),
        customers: decimal(`sales.breakdowns[${type}].sales.avg_customers`),
        impressions: count(`traffic.breakdowns[${type}].traffic.impressions`),
        page_views: count(`traffic.breakdowns[${type}].traffic.page_views`),
        visitors: decimal(`traffic.breakdowns[${type}].traffic.avg_unique_page_views`),
        click_through_rate: percentage(`traffic.breakdowns[${type}].traffic.ctr`),
        conversion_rate: percentage(`traffic.breakdowns[${type}].traffic.avg_conversion_rate`),
      })),
    },
    expected: ['gmv', 'items_sold'],
    alsoDocumented: ['start_date', 'end_date'],
  }),
  lists: {
    ratings: {
      mapping: new RecordMapping({
        path: 'performance.ratings[]',
        columns: { stars: key('stars'), count: count('count'), percentage: percentage('percentage') },
      }),
      elementsIn: ({ ratings }) => listOf(ratings),
    },
    top_contents: {
      mapping: new RecordMapping({
        path: 'performance.top_contents[].contents[]',
        columns: {
          type: text('type'),
          content_id: key('content_id'),
          gmv: money('gmv'),
          items_sold: count('items_sold'),
        },
      }),
      elementsIn: ({ top_contents: kinds }) =>
        listOf(kinds).flatMap((kind) => elementsWithin(kind, 'contents', ({ type }) => ({ type }))),
    },
    top_creators: {
      mapping: new RecordMapping({
        path: 'performance.top_creators[]',
        columns: { creator: key('creator_name'), gmv: money('gmv'), items_sold: count('items_sold') },
        alsoDocumented: ['creator_open_id', 'creator_profile'],
      }),
      elementsIn: ({ top_creators: creators }) => listOf(creators),
    },
  },
};

const traits = ['gender', 'age', 'country'];

/** "Get Shop Video Performance" 202509. */
const ofVideo: Detail = {
  whole: new RecordMapping({
    path: 'performance',
    columns: {},
    alsoDocumented: ['video_id', 'intervals', 'viewer_profile'],
  }),
  interval: new RecordMapping({
    path: 'performance.intervals[]',
    columns: {
      gmv: money('sales.overall.gmv'),
      items_sold: count('sales.overall.items_sold'),
      product_impressions: count('sales.overall.product_impressions'),
      product_clicks: count('sales.overall.product_clicks'),
      customers: decimal('sales.overall.customers'),
      views: count('traffic.views'),
      likes: count('traffic.likes'),
      comments: count('traffic.comments'),
      shares: count('traffic.shares'),
      new_followers: count('traffic.new_followers'),
    },
    expected: ['gmv', 'items_sold', 'views'],
    alsoDocumented: [
      ...['start_date', 'end_date', 'sales.overall.gpm', 'sales.overall.ctr'],
      // Of each product: `video_products` has it.
      'sales.breakdowns',
    ],
  }),
  lists: {
    viewer_profile: {
      mapping: new RecordMapping({
        path: 'performance.viewer_profile[].(gender|age|country)_distribution[]',
        columns: {
          viewers: key('type'),
          trait: key('trait'),
          value: key('key'),
          percentage: percentage('percentage'),
        },
      }),
      elementsIn: ({ viewer_profile: profiles }) =>
        listOf(profiles).flatMap((profile) =>
          traits.flatMap((trait) =>
            elementsWithin(profile, `${trait}_distribution`, ({ type }) => ({ type, trait })),
          ),
        ),
    },
  },
};

/** "Get Shop SKU Performance" 202509. */
const ofSku: Detail = {
  whole: new RecordMapping({
    path: 'performance',
    columns: {},
    alsoDocumented: ['sku_id', 'product_id', 'intervals'],
  }),
  interval: new RecordMapping({
    path: 'performance.intervals[]',
    columns: {
      gmv: money('gmv'),
      items_sold: count('items_sold'),
      sku_orders: count('sku_orders'),
      ...byChannel((type) => ({
        gmv: money(`gmv_breakdown[${type}]`),
        items_sold: count(`items_sold_breakdown[${type}]`),
      })),
    },
    expected: ['gmv', 'items_sold'],
    alsoDocumented: ['start_date', 'end_date'],
  }),
  lists: {},
};

/** One product after the other of those that sold on the day. */
export function productDetailsOfDay(day: DayOfShop): Chain {
  const { products: list, productDetail: endpoint } = analyticsEndpoints;
  return detailsOfDay(day, { list, mapping: product, key: 'product_id', endpoint, detail: ofProduct });
}

export function videoDetailsOfDay(day: DayOfShop): Chain {
  const { videos: list, videoDetail: endpoint } = analyticsEndpoints;
  return detailsOfDay(day, { list, mapping: video, key: 'video_id', endpoint, detail: ofVideo });
}

export function skuDetailsOfDay(day: DayOfShop): Chain {
  const { skus: list, skuDetail: endpoint } = analyticsEndpoints;
  return detailsOfDay(day, { list, mapping: sku, key: 'sku_id', endpoint, detail: ofSku });
}

interface DetailsToRead {
  list: AnalyticsEndpoint;
  mapping: RecordMapping;
  /** The column of the thing's id, which its path is filled in with, too. */
  key: string;
  endpoint: AnalyticsEndpoint;
  detail: Detail;
}

function* detailsOfDay(day: DayOfShop, { list, mapping, key, endpoint, detail }: DetailsToRead): Chain {
  const query = datesOf(day);
  const sold = yield* readSold(day, { endpoint: list, query }, mapping);
  const ids = sold.rows.map((row) => String(row[key]));
  const read = yield* readOfEach(key, ids, (one) =>
    readDetail(day, { endpoint, parameters: { [key]: one }, query, mayBeRefused: true }, detail),
  );
  return withAsideOf(sold, read);
}

function* readDetail(
  day: DayOfShop,
  request: AnalyticsRequest,
  { whole, interval, lists }: Detail,
): Chain<Omit<DayRows, 'latestAvailableDate'>> {
  const [found] = (yield* readRecords(day, request)).records;
  if (found === undefined || !isJsonObject(found.record)) return { rows: [], aside: [], currency: null };
  const { record: performance, pageId, index } = found;
  whole.map(performance, index, day.notes);
  const asFound = (elements: readonly unknown[]): FoundRecord[] =>
    elements.map((record, nth) => ({ record, pageId, index: nth }));
  const { rows, aside, currency } = mapRecords(day, asFound(recordsAt(performance, 'intervals')), interval);
  const kept: AnalyticsRow = {};
  for (const [column, { mapping, elementsIn }] of Object.entries(lists)) {
    const read = mapRecords(day, asFound(elementsIn(performance)), mapping);
    aside.push(...read.aside);
    kept[column] = JSON.stringify(read.rows.map(({ page_id: _page, page_index: _index, ...row }) => row));
  }
  return { rows: rows.map((row) => ({ ...row, ...kept })), aside, currency };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The elements of a list within an object, each with what is told of all of them. */
function elementsWithin(
  value: unknown,
  name: string,
  shared: (value: Answered) => Record<string, unknown>,
): unknown[] {
  if (!isJsonObject(value)) return [];
  return listOf(value[name]).map((element) =>
    isJsonObject(element) ? { ...element, ...shared(value) } : element,
  );
}
