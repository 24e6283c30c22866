import { z } from '@hono/zod-openapi';
import { addDays, daysBetween, type Granularity } from '../../analytics/calendar.ts';
import { declarationOf, rowNames, type StreamName } from '../../analytics/streams.ts';
import type { ShopScope } from '../../db/queries/shop-scope.ts';
import { readCurrencies } from '../../db/reports/analytics-coverage.ts';
import { listAnalytics } from '../../db/reports/analytics-list.ts';
import type {
  AnalyticsFilters,
  AnalyticsList,
  AnalyticsPosition,
  AnalyticsRow,
} from '../../db/reports/analytics-rows.ts';
import { exactNumber } from '../../exact-number.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import type { Principal } from '../principal.ts';
import { badRequest } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import {
  analyticsAnswer,
  analyticsQuery,
  isSeries,
  minutesParameter,
  minutesQuery,
  productAnalyticsAnswer,
  productAnalyticsQuery,
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
interface ListQuery {
  start_date: string;
  end_date: string;
  granularity?: Granularity | undefined;
  sort: string;
  order?: 'asc' | 'desc' | undefined;
  compare?: 'previous_period' | 'previous_year' | undefined;
  shops?: string[] | undefined;
  limit: number;
  cursor?: string | undefined;
  with_total: boolean;
}

/** Figures that TikTok tells by day, of shops, products, videos and the others. */
export function addAnalyticsRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  /** The list that a query asks for, with the right to see each of its shops checked. */
  async function plan(
    principal: Principal,
    shopId: string,
    stream: StreamName,
    query: Omit<ListQuery, 'limit' | 'cursor' | 'with_total'> & AnalyticsFilters,
  ): Promise<{ scope: ShopScope; list: AnalyticsList }> {
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
    const { scope } = await seeShop(shops, principal, shopId);
    const others = await Promise.all(
      (named ?? []).map(async (id) => (await seeShop(shops, principal, id)).scope),
    );
    const currency = await commonCurrency(scope, others, stream);
    return {
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

  async function commonCurrency(
    scope: ShopScope,
    others: readonly ShopScope[],
    stream: StreamName,
  ): Promise<string | null> {
    const currencies = await readCurrencies(scope, sql, others, stream);
    if (currencies.length <= 1) return currencies[0] ?? null;
    const message = `the shops sell in ${currencies.join(' and ')}: sums of several currencies mean nothing.`;
    throw badRequest([{ path: 'shops', message }]);
  }

  async function answer(
    { scope, list }: { scope: ShopScope; list: AnalyticsList },
    { limit, cursor, with_total: withTotal }: Pick<ListQuery, 'limit' | 'cursor' | 'with_total'>,
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

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/tik_tok_shops/{shop}/product_analytics',
      tag: 'Analytics',
      operationId: 'listProductAnalytics',
      summary: 'What products sold over a range of days',
      description: 'One row a product that has figures in the range; sums are exact.',
      scope: 'read',
      params: shopParameter,
      query: productAnalyticsQuery,
      alsoRefused,
      responses: { 200: { description: 'Products', schema: productAnalyticsAnswer } },
      problems: [404],
    },
    async ({ principal, params, query: { limit, cursor, with_total, ...query } }) => {
      const planned = await plan(principal, params.shop, 'products', query);
      return answer(planned, { limit, cursor, with_total }, showProduct);
    },
  );

  for (const [stream, summary] of Object.entries(summaries) as [StreamName, string][]) {
    addRoute(
      tools,
      {
        method: 'get',
        path: `/api/v1/shops/{shop}/analytics/${stream}`,
        tag: 'Analytics',
        operationId: `list${stream.charAt(0).toUpperCase()}${stream.slice(1)}Analytics`,
        summary,
        scope: 'read',
        params: shopParameter,
        query: analyticsQuery(stream),
        alsoRefused,
        responses: { 200: { description: 'Rows', schema: analyticsAnswer(stream) } },
        problems: [404],
      },
      async ({ principal, params, query }) => {
        const { limit, cursor, with_total, ...asked } = query as unknown as ListQuery & AnalyticsFilters;
        if (asked.sort === 'date' && asked.granularity === undefined && !isSeries(stream)) {
          throw badRequest([
            { path: 'sort', message: 'by date needs a granularity: without it rows have no date.' },
          ]);
        }
        return answer(await plan(principal, params.shop, stream, asked), { limit, cursor, with_total });
      },
    );
  }

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/shops/{shop}/analytics/lives/{id}/minutes',
      tag: 'Analytics',
      operationId: 'listLiveMinutes',
      summary: 'Figures of a LIVE session by minute',
      description: 'TikTok tells them after the end of a session, of official and marketing accounts only.',
      scope: 'read',
      params: minutesParameter,
      query: minutesQuery,
      responses: { 200: { description: 'Minutes', schema: analyticsAnswer('live_minutes') } },
      problems: [404],
    },
    async ({ principal, params, query }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      const list: AnalyticsList = {
        stream: 'live_minutes',
        others: [],
        from: '1970-01-01',
        to: '9999-01-01',
        granularity: null,
        filters: { live_id: params.id },
        sort: 'date',
        direction: 'asc',
        compare: null,
        currency: await commonCurrency(scope, [], 'live_minutes'),
      };
      return answer({ scope, list }, query);
    },
  );
}

const alsoRefused =
  'an `end_date` before `start_date`, more than 3,660 days, a day that no calendar has, shops of several currencies, ' +
  'and sorting by date where rows have none';

function refuseRange(from: string, last: string): void {
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

/** A product as the route shows it: TikTok's id as `external_id`, money as a number. */
function showProduct(row: AnalyticsRow): unknown {
  const { product_id: external_id, title, status, image_url, previous, change } = row;
  return {
    ...{ external_id, title, status, image_url, ...productFigures(row) },
    ...(previous === undefined ? {} : { previous: productFigures(previous) }),
    ...(change === undefined ? {} : { change: productFigures(change) }),
  };
}

function productFigures({ gmv, items_sold, orders_count }: AnalyticsRow): Record<string, unknown> {
  return { gmv: typeof gmv === 'string' ? exactNumber(gmv) : gmv, items_sold, orders_count };
}
