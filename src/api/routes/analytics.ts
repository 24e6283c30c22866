import type { StreamName } from '../../analytics/streams.ts';
import { analyticsListings, asProduct, productAnalyticsListing } from '../../exports/listings/analytics.ts';
import { alsoRefused, createAnalyticsLists, type FiguresQuery, type Paging } from '../analytics-lists.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import {
  analyticsPage,
  analyticsQuery,
  analyticsRow,
  productAnalyticsQuery,
  productAnalyticsRow,
} from './analytics.schema.ts';
import { shopParameter } from './common.schema.ts';

interface ListPlace {
  path: string;
  summary: string;
}

/** The lists by stream, each with its place behind `…/analytics/`. */
const lists: Partial<Record<StreamName, ListPlace>> = {
  shop: { path: 'shop', summary: 'Figures of a shop by day, week or month' },
  hourly: { path: 'hourly', summary: 'Figures of a shop by hour' },
  videos: { path: 'videos', summary: 'Figures of videos' },
  video_overview: { path: 'videos/overview', summary: 'Figures of all videos together' },
  lives: { path: 'lives', summary: 'Figures of LIVE sessions' },
  live_overview: { path: 'lives/overview', summary: 'Figures of all LIVE sessions together' },
  products: { path: 'products', summary: 'Figures of products' },
  skus: { path: 'skus', summary: 'Figures of SKUs' },
  creators: { path: 'creators', summary: 'Figures of the creators of videos and LIVE sessions' },
  affiliates: { path: 'affiliates', summary: 'Figures of affiliate orders by creator' },
};

/** Figures that TikTok tells by day, of shops, products, videos and the others. */
export function addAnalyticsRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  const { plan, answer, selectionOf } = createAnalyticsLists(dependencies);
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
      select: async ({ principal, params, query }) =>
        selectionOf(await plan(principal, params.shop, 'products', query)),
    },
    async ({ principal, params, query: { limit, cursor, with_total, ...query } }) => {
      const planned = await plan(principal, params.shop, 'products', query);
      return answer(planned, { limit, cursor, with_total }, asProduct);
    },
  );

  for (const [stream, { path, summary }] of Object.entries(lists) as [StreamName, ListPlace][]) {
    const item = analyticsRow(stream);
    addListRoute(
      tools,
      {
        path: `/api/v1/shops/{shop}/analytics/${path}`,
        tag: 'Analytics',
        operationId: `list${inCamelCase(stream)}Analytics`,
        summary,
        scope: 'read',
        params: shopParameter,
        query: analyticsQuery(stream),
        alsoRefused,
        responses: { 200: { description: 'Rows', schema: analyticsPage(item) } },
        problems: [404],
        item,
        listing: analyticsListings[stream],
        select: async ({ principal, params, query }) =>
          selectionOf(await plan(principal, params.shop, stream, query as unknown as FiguresQuery)),
      },
      async ({ principal, params, query }) => {
        const { limit, cursor, with_total, ...asked } = query as unknown as FiguresQuery & Paging;
        return answer(await plan(principal, params.shop, stream, asked), { limit, cursor, with_total });
      },
    );
  }
}

function inCamelCase(stream: StreamName): string {
  return stream
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
