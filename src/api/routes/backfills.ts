import type { ApiDependencies } from '../dependencies.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { refuseUnconnected, seeShop } from '../shop-access.ts';
import { backfillRequest } from './backfills.schema.ts';
import { shopParameter } from './common.schema.ts';
import { startedRun } from './sync.schema.ts';

/** Asking for days of analytics. */
export function addBackfillRoutes(tools: RouteTools, { shops, sync, sellerCenter }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/shops/{shop}/backfills',
      tag: 'Analytics',
      operationId: 'startBackfill',
      summary: 'Read days of analytics',
      description:
        'Both days inclusive. Each day of each stream is read by itself; the run shows the state of every one. Days ' +
        'that are stored already are read again: what has not changed is not written.',
      scope: 'sync',
      params: shopParameter,
      body: { schema: backfillRequest, required: true },
      alsoRefused:
        'a day that does not exist, `end_date` before `start_date`, more than 3,660 days, and other streams than `products` of the seller center',
      responses: { 202: { description: 'The run that does it', schema: startedRun } },
      problems: [404, 409, 503],
    },
    async ({ principal, params, body }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      refuseUnconnected(shop);
      const { start_date: dateFrom, end_date: dateTo, source } = body;
      if (source === 'seller_center') await sellerCenter.require(shop.id);
      const streams = source === 'seller_center' ? ['products'] : body.streams;
      const started = await sync.start({
        shopId: shop.id,
        stream: 'analytics',
        mode: 'window',
        trigger: 'api',
        backfill: {
          streams: streams === undefined ? null : [...new Set(streams)].sort(),
          dateFrom,
          dateTo,
          source,
        },
      });
      return { status: 202, body: started };
    },
  );
}
