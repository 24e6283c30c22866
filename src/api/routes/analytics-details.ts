import type { StreamName } from '../../analytics/streams.ts';
import { readNewestDetail } from '../../db/reports/newest-detail.ts';
import { analyticsListings } from '../../exports/listings/analytics.ts';
import {
  alsoRefused,
  createAnalyticsLists,
  type FiguresQuery,
  type Paging,
  type Planned,
} from '../analytics-lists.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { analyticsPage, analyticsRow } from './analytics.schema.ts';
import {
  detailPage,
  detailParameter,
  detailQuery,
  minutesQuery,
  newestDetails,
  sessionProductsQuery,
} from './analytics-details.schema.ts';

interface DetailRoute {
  stream: StreamName;
  path: string;
  /** The column that the id in the path is of. */
  key: string;
  operationId: string;
  summary: string;
  description: string;
}

const onRequest = 'Read where a backfill names';

/** What belongs to one product, SKU or video over a range of days. */
const details: readonly DetailRoute[] = [
  {
    ...{
      stream: 'product_details',
      path: 'products/{id}',
      key: 'product_id',
      operationId: 'getProductDetails',
    },
    summary: 'A product by day: its figures by channel, and who and what sold it',
    description: `${onRequest} \`product_details\`, of the days on which it sold.`,
  },
  {
    ...{ stream: 'video_details', path: 'videos/{id}', key: 'video_id', operationId: 'getVideoDetails' },
    summary: 'A video by day, and who watches it',
    description: `${onRequest} \`video_details\`, of the days on which it sold.`,
  },
  {
    ...{ stream: 'sku_details', path: 'skus/{id}', key: 'sku_id', operationId: 'getSkuDetails' },
    summary: 'A SKU by day: its figures by channel',
    description: `${onRequest} \`sku_details\`, of the days on which it sold.`,
  },
  {
    ...{
      stream: 'video_products',
      path: 'videos/{id}/products',
      key: 'video_id',
      operationId: 'listVideoProducts',
    },
    summary: 'What a video sold of each product',
    description: `${onRequest} \`video_products\`.`,
  },
];

/** What stands behind the rows of the lists of figures. */
export function addAnalyticsDetailRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  const { plan, planWholeSession, answer, selectionOf } = createAnalyticsLists(dependencies);

  for (const { stream, path, key, ...told } of details) {
    const newest = newestOf(stream);
    addListRoute(
      tools,
      {
        ...told,
        path: `/api/v1/shops/{shop}/analytics/${path}`,
        tag: 'Analytics',
        scope: 'read',
        params: detailParameter,
        query: detailQuery(stream),
        alsoRefused,
        responses: { 200: { description: 'Rows', schema: detailPage(stream, newest) } },
        problems: [404],
        item: analyticsRow(stream),
        listing: analyticsListings[stream],
        async select({ principal, params: { shop, id }, query }) {
          const asked = { ...(query as unknown as FiguresQuery), keys: { [key]: id } };
          return selectionOf(await plan(principal, shop, stream, asked));
        },
      },
      async ({ principal, params: { shop, id }, query }) => {
        const { limit, cursor, with_total, ...asked } = query as unknown as FiguresQuery & Paging;
        const planned = await plan(principal, shop, stream, { ...asked, keys: { [key]: id } });
        const { status, body } = await answer(planned, { limit, cursor, with_total });
        if (newest === undefined) return { status, body };
        const { from, to } = planned.list;
        const kept = await readNewestDetail(planned.scope, dependencies.sql, stream, { key, id, from, to });
        return { status, body: { ...body, newest: kept } };
      },
    );
  }

  /** Neither has a date: both are of the whole session. */
  const wholeSession = (planned: Planned) => {
    const { leftOut, ...selected } = selectionOf(planned);
    return { ...selected, leftOut: leftOut.filter((name) => name !== 'date') };
  };

  const minute = analyticsRow('live_minutes');
  const byMinute = { stream: 'live_minutes', sort: 'date', direction: 'asc' } as const;
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/lives/{id}/minutes',
      tag: 'Analytics',
      operationId: 'listLiveMinutes',
      summary: 'Figures of a LIVE session by minute',
      description: 'TikTok tells them after the end of a session, of official and marketing accounts only.',
      scope: 'read',
      params: detailParameter,
      query: minutesQuery,
      responses: { 200: { description: 'Minutes', schema: analyticsPage(minute) } },
      problems: [404],
      item: minute,
      listing: analyticsListings.live_minutes,
      select: async ({ principal, params }) =>
        wholeSession(await planWholeSession(principal, params, byMinute)),
    },
    async ({ principal, params, query }) =>
      answer(await planWholeSession(principal, params, byMinute), query),
  );

  const product = analyticsRow('live_products');
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/lives/{id}/products',
      tag: 'Analytics',
      operationId: 'listLiveProducts',
      summary: 'What a LIVE session sold of each product',
      description: 'TikTok tells it of the whole session, also of what it sold on the day after.',
      scope: 'read',
      params: detailParameter,
      query: sessionProductsQuery,
      responses: { 200: { description: 'Products', schema: analyticsPage(product) } },
      problems: [404],
      item: product,
      listing: analyticsListings.live_products,
      async select({ principal, params, query: { sort, order } }) {
        const list = { stream: 'live_products', sort, direction: order } as const;
        return wholeSession(await planWholeSession(principal, params, list));
      },
    },
    async ({ principal, params, query: { sort, order, ...paging } }) => {
      const list = { stream: 'live_products', sort, direction: order } as const;
      return answer(await planWholeSession(principal, params, list), paging);
    },
  );
}

function newestOf(stream: StreamName) {
  return stream === 'product_details' || stream === 'video_details' ? newestDetails[stream] : undefined;
}
