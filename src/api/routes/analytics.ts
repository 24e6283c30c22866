import { z } from '@hono/zod-openapi';
import { addDays, daysBetween, type Granularity } from '../../analytics/calendar.ts';
import { declarationOf, rowNames, type StreamName } from '../../analytics/streams.ts';
import type { ShopScope } from '../../db/queries/shop-scope.ts';
import { listAnalytics } from '../../db/reports/analytics-list.ts';
import type {
  AnalyticsFilters,
  AnalyticsList,
  AnalyticsPosition,
  AnalyticsRow,
} from '../../db/reports/analytics-rows.ts';
import { analyticsListings, asProduct, productAnalyticsListing } from '../../exports/listings/analytics.ts';
import type { ApiDependencies, ShopRecord } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { Principal } from '../principal.ts';
import { badRequest } from '../problem.ts';
import type { RouteTools } from '../route.ts';
import { seeSummedShops } from '../summed-shops.ts';
import {
  analyticsPage,
  analyticsQuery,
  analyticsRow,
  isSeries,
  minutesParameter,
  minutesQuery,
  productAnalyticsQuery,
  productAnalyticsRow,
} from './analytics.schema.ts';
import { shopParameter } from './common.schema.ts';

const longestRange = 3660;

const summaries: Partial<Record<StreamName, string>> = {
  shop: 'Figures of a shop by day, week or month',
  hourly: 'Figures of a shop by hour',
  videos: 'Figures of videos',
  lives: 'Figures of LIVE sessions',
  products: 'Figures of products',
  skus: 'Figures of SKUs',
  creators: 'Figures of the creators of videos and LIVE sessions',
  affiliates: 'Figures of affiliate orders by creator',
};

/** What the queries of all lists of figures have in common. */
interface FiguresQuery extends AnalyticsFilters {
  start_date: string;
  end_date: string;
  granularity?: Granularity | undefined;
  sort: string;
  order?: 'asc' | 'desc' | undefined;
  compare?: 'previous_period' | 'previous_year' | undefined;
  shops?: string[] | undefined;
}

interface Paging {
  limit: number;
  cursor?: string | undefined;
  with_total: boolean;
}

interface Planned {
  shop: ShopRecord;
  scope: ShopScope;
  list: AnalyticsList;
}

/** Figures that TikTok tells by day, of shops, products, videos and the others. */
export function addAnalyticsRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  const visible = { sql, shops };

  /** The list that a query asks for, with the right to see each of its shops checked. */
  async function plan(
    principal: Principal,
    shopId: string,
    stream: StreamName,
    query: FiguresQuery,
  ): Promise<Planned> {
    const {
      start_date: from,
      end_date: last,
      granularity,
      sort,
      order,
      compare,
      shops: named,
      ...filters
    } = query;
    refuseRange(from, last);
    if (sort === 'date' && granularity === undefined && !isSeries(stream)) {
      const message = 'by date needs a granularity: without it rows have no date.';
      throw badRequest([{ path: 'sort', message }]);
    }
    const asked = { shop: shopId, shops: named, stream };
    const { shop, scope, others, currency } = await seeSummedShops(visible, principal, asked);
    return {
      shop,
      scope,
      list: {
        stream,
        others,
        from,
        to: addDays(last, 1),
        granularity: granularity ?? (isSeries(stream) ? 'day' : null),
        filters,
        sort,
        direction: order ?? (sort === 'date' ? 'asc' : 'desc'),
        compare: compare ?? null,
        currency,
      },
    };
  }

  async function answer(
    { scope, list }: Planned,
    { limit, cursor, with_total: withTotal }: Paging,
    show: (row: AnalyticsRow) => unknown = (row) => row,
  ) {
    const identity = [scope.shopId, list];
    const after = cursor === undefined ? null : openFields(identity, cursor, positionIn(list));
    const page = await listAnalytics(scope, sql, list, { limit, after, withTotal });
    return {
      status: 200,
      body: {
        data: page.rows.map(show),
        next_cursor: page.next === null ? null : sealCursor(identity, JSON.stringify(page.next)),
        ...(page.total === undefined ? {} : { total: page.total }),
        currency: list.currency,
        coverage: page.coverage,
      },
    };
  }

  /** What a file of a list holds. */
  const selectionOf = async (...asked: Parameters<typeof plan>) => {
    const { shop, scope, list } = await plan(...asked);
    const leftOut = [
      ...(list.compare === null ? ['previous', 'change'] : []),
      ...(list.granularity === null ? ['date'] : []),
    ];
    return { shop, scope, selection: list, leftOut };
  };

  addListRoute(
    tools,
    {
      path: '/api/v1/tik_tok_shops/{shop}/product_analytics',
      tag: 'Analytics',
      operationId: 'listProductAnalytics',
      summary: 'What products sold over a range of days',
      description: 'One row a product that has figures in the range; sums are exact.',
      scope: 'read',
      params: shopParameter,
      query: productAnalyticsQuery,
      alsoRefused,
      responses: { 200: { description: 'Products', schema: analyticsPage(productAnalyticsRow) } },
      problems: [404],
      item: productAnalyticsRow,
      listing: productAnalyticsListing,
      select: ({ principal, params, query }) => selectionOf(principal, params.shop, 'products', query),
    },
    async ({ principal, params, query: { limit, cursor, with_total, ...query } }) => {
      const planned = await plan(principal, params.shop, 'products', query);
      return answer(planned, { limit, cursor, with_total }, asProduct);
    },
  );

  for (const [stream, summary] of Object.entries(summaries) as [StreamName, string][]) {
    const item = analyticsRow(stream);
    addListRoute(
      tools,
      {
        path: `/api/v1/shops/{shop}/analytics/${stream}`,
        tag: 'Analytics',
        operationId: `list${stream.charAt(0).toUpperCase()}${stream.slice(1)}Analytics`,
        summary,
        scope: 'read',
        params: shopParameter,
        query: analyticsQuery(stream),
        alsoRefused,
        responses: { 200: { description: 'Rows', schema: analyticsPage(item) } },
        problems: [404],
        item,
        listing: analyticsListings[stream],
        select: ({ principal, params, query }) =>
          selectionOf(principal, params.shop, stream, query as unknown as FiguresQuery),
      },
      async ({ principal, params, query }) => {
        const { limit, cursor, with_total, ...asked } = query as unknown as FiguresQuery & Paging;
        return answer(await plan(principal, params.shop, stream, asked), { limit, cursor, with_total });
      },
    );
  }

  const minutesOf = async (principal: Principal, shopId: string, liveId: string): Promise<Planned> => {
    const stream = 'live_minutes';
    const { shop, scope, others, currency } = await seeSummedShops(visible, principal, {
      shop: shopId,
      stream,
    });
    const list: AnalyticsList = {
      ...{ stream, others, currency, from: '1970-01-01', to: '9999-01-01', granularity: null },
      ...{ filters: { live_id: liveId }, sort: 'date', direction: 'asc', compare: null },
    };
    return { shop, scope, list };
  };
  const minute = analyticsRow('live_minutes');
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/lives/{id}/minutes',
      tag: 'Analytics',
      operationId: 'listLiveMinutes',
      summary: 'Figures of a LIVE session by minute',
      description: 'TikTok tells them after the end of a session, of official and marketing accounts only.',
      scope: 'read',
      params: minutesParameter,
      query: minutesQuery,
      responses: { 200: { description: 'Minutes', schema: analyticsPage(minute) } },
      problems: [404],
      item: minute,
      listing: analyticsListings.live_minutes,
      async select({ principal, params }) {
        const { list, ...seen } = await minutesOf(principal, params.shop, params.id);
        return { ...seen, selection: list, leftOut: ['previous', 'change'] };
      },
    },
    async ({ principal, params, query }) => answer(await minutesOf(principal, params.shop, params.id), query),
  );
}

/** What a range is refused for and no schema says. */
export const alsoRefusedRange =
  'an `end_date` before `start_date`, more than 3,660 days, a day that no calendar has';

const alsoRefused = `${alsoRefusedRange}, shops of several currencies, and sorting by date where rows have none`;

/** @throws RequestError 400 for a range that is reversed or longer than ten years. */
export function refuseRange(from: string, last: string): void {
  if (last < from) throw badRequest([{ path: 'end_date', message: 'must not be before start_date.' }]);
  if (daysBetween(from, last) + 1 > longestRange) {
    throw badRequest([
      { path: 'end_date', message: 'must be at most 3,660 days from start_date, both included.' },
    ]);
  }
}

const keyForms: Readonly<Record<string, RegExp>> = {
  smallint: /^\d{1,4}$/,
  timestamptz: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00$/,
};

/** What a cursor of the list holds: a value as it is sorted by, and the columns that tell rows apart. */
function positionIn({ stream, sort }: AnalyticsList): z.ZodType<AnalyticsPosition> {
  const declaration = declarationOf(stream);
  const types = new Map(declaration.keys);
  const row = rowNames(declaration).map((name) => z.string().regex(keyForms[types.get(name) ?? ''] ?? /^/));
  return z.strictObject({
    value:
      sort === 'date'
        ? z.string()
        : z
            .string()
            .regex(/^-?\d+(\.\d+)?$/)
            .nullable(),
    row: z.tuple(row as [z.ZodString, ...z.ZodString[]]),
  });
}
