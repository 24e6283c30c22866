import { z } from '@hono/zod-openapi';
import { erasureListing } from '../../exports/listings/shops.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { maySeeShop } from '../principal.ts';
import { notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { page, paging, shopParameter } from './common.schema.ts';
import { buyerErasure, erasure, erasureParameter } from './erasures.schema.ts';

/** Erasing buyers, and what was erased. A shop is erased by its own route. */
export function addErasureRoutes(tools: RouteTools, { shops, privacy }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/shops/{shop}/buyer_erasures',
      tag: 'Personal data',
      operationId: 'eraseBuyer',
      summary: 'Erase a buyer of a shop',
      description:
        'Deletes the personal fields of all orders of the buyer and takes their id out of orders and raw pages. Neither comes back by a later sync; an order placed afterwards is a new one.',
      scope: 'admin',
      params: shopParameter,
      body: { schema: buyerErasure, required: true },
      responses: { 200: { description: 'What was erased, and what remains', schema: erasure } },
      problems: [404],
    },
    async ({ principal, params, body }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await privacy.eraseBuyer(shop.id, body.buyer_id, body.dry_run) };
    },
  );

  addListRoute(
    tools,
    {
      path: '/api/v1/erasures',
      tag: 'Personal data',
      operationId: 'listErasures',
      summary: 'Erasures of buyers and shops with their reports, newest first',
      scope: 'read',
      query: z.strictObject(paging),
      responses: { 200: { description: 'Erasures', schema: page(erasure) } },
      item: erasure,
      listing: erasureListing,
      select: async ({ principal: { shopIds } }) => ({ shop: null, scope: null, selection: { shopIds } }),
    },
    async ({ principal, query }) => {
      const { limit, cursor, with_total } = query;
      const { shopIds } = principal;
      const after = cursor === undefined ? {} : { after: openCursor('erasures', cursor) };
      const found = await privacy.list({ shopIds, limit: limit + 1, ...after });
      const data = found.slice(0, limit);
      const last = found.length > limit ? data.at(-1)?.erasure_id : null;
      const body = { data, next_cursor: last == null ? null : sealCursor('erasures', last) };
      return {
        status: 200,
        body: with_total ? { ...body, total: await privacy.count({ shopIds }) } : body,
      };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/erasures/{erasure_id}',
      tag: 'Personal data',
      operationId: 'readErasure',
      summary: 'One erasure with its report',
      scope: 'read',
      params: erasureParameter,
      responses: { 200: { description: 'The erasure', schema: erasure } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const found = await privacy.find(params.erasure_id);
      if (found === null || !maySeeShop(principal, found.shop_id)) throw notFound('erasure');
      return { status: 200, body: found };
    },
  );
}
