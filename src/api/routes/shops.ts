import { z } from '@hono/zod-openapi';
import { shopListing } from '../../exports/listings/shops.ts';
import type { ApiDependencies, ShopRecord } from '../dependencies.ts';
import { startFirstSyncs } from '../first-syncs.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { badRequest } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop, seeShops } from '../shop-access.ts';
import { page, paging, shopParameter } from './common.schema.ts';
import { erasure } from './erasures.schema.ts';
import { shop, shopChange, shopDeletion } from './shops.schema.ts';

const path = '/api/v1/shops/{shop}';
const oneShop = { 200: { description: 'The shop', schema: shop } };

/** The shops that were connected. */
export function addShopRoutes(tools: RouteTools, { sql, shops, sync, privacy }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops',
      tag: 'Shops',
      operationId: 'listShops',
      summary: 'All shops that the key may see',
      scope: 'read',
      query: z.strictObject(paging),
      responses: { 200: { description: 'Shops', schema: page(shop) } },
      item: shop,
      listing: shopListing,
      select: async ({ principal: { shopIds } }) => ({ shop: null, scope: null, selection: { shopIds } }),
    },
    async ({ principal, query }) => {
      const all = await seeShops(shops, principal);
      const from = query.cursor === undefined ? 0 : positionAfter(all, openCursor('shops', query.cursor));
      const data = all.slice(from, from + query.limit);
      const last = from + query.limit < all.length ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor('shops', last.id) : null };
      return { status: 200, body: query.with_total ? { ...body, total: all.length } : body };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag: 'Shops',
      operationId: 'readShop',
      summary: 'One shop',
      scope: 'read',
      params: shopParameter,
      responses: oneShop,
      problems: [404],
    },
    async ({ principal, params }) => ({
      status: 200,
      body: (await seeShop(shops, principal, params.shop)).shop,
    }),
  );

  addRoute(
    tools,
    {
      method: 'patch',
      path,
      tag: 'Shops',
      operationId: 'changeShop',
      summary: 'Set the time zone, or let syncs of the shop start or stop',
      description:
        'A shop that was connected with `choose=true` begins its first full sync when it is enabled. In another time zone all days are others: statistics are right at once, and as quick as before when a worker has summed the days anew.',
      scope: 'admin',
      params: shopParameter,
      body: { schema: shopChange, required: true },
      alsoRefused: 'a time zone that does not exist',
      responses: oneShop,
      problems: [404, 503],
    },
    async ({ principal, params, body }) => {
      if (Object.keys(body).length === 0)
        throw badRequest([{ path: 'body', message: 'must change something.' }]);
      const before = (await seeShop(shops, principal, params.shop)).shop;
      if (body.time_zone !== undefined) await refuseUnknownToDatabase(body.time_zone);
      const after = await shops.update(before.id, {
        ...(body.time_zone === undefined ? {} : { timeZone: body.time_zone }),
        ...(body.sync_enabled === undefined ? {} : { syncEnabled: body.sync_enabled }),
      });
      // Also when it is the one that was set: an earlier request may have found Temporal away.
      if (body.time_zone !== undefined) await sync.rollUpOrders(after.id);
      if (after.sync_enabled && !before.sync_enabled && after.status === 'active') {
        await sync.ensureSchedules(after.id);
        await startFirstSyncs(sync, after.id);
      }
      return { status: 200, body: after };
    },
  );

  addRoute(
    tools,
    {
      method: 'delete',
      path,
      tag: 'Shops',
      operationId: 'disconnectShop',
      summary: 'Disconnect a shop: its syncs end and its grant is forgotten',
      description:
        'What was stored stays until TIDELINE_SHOP_RETENTION_DAYS are over (30 where it is not set) and is then erased, unless the shop is connected again. With `erase=true` it is erased now: its data key is destroyed when this answers, the rows go within minutes; the report is at `/api/v1/erasures/{erasure_id}`.',
      scope: 'admin',
      params: shopParameter,
      query: shopDeletion,
      alsoRefused: '`dry_run` without `erase`',
      responses: {
        200: { description: 'What an erasure would delete', schema: erasure },
        202: { description: 'Being erased', schema: erasure },
        204: { description: 'Disconnected' },
      },
      problems: [404, 503],
    },
    async ({ principal, params, query }) => {
      const { id } = (await seeShop(shops, principal, params.shop)).shop;
      if (query.dry_run) return { status: 200, body: await privacy.eraseShop(id, true) };
      if (query.erase) return { status: 202, body: await privacy.eraseShop(id, false) };
      await sync.stopShop(id);
      await shops.disconnect(id);
      return { status: 204 };
    },
  );

  /** JavaScript and PostgreSQL bring their own lists of zones; the statistics need both to know it. */
  async function refuseUnknownToDatabase(timeZone: string): Promise<void> {
    if (/^[+-]/.test(timeZone)) return;
    const known = await sql`select 1 from pg_timezone_names where lower(name) = lower(${timeZone})`;
    if (known.length === 0) {
      throw badRequest([{ path: 'time_zone', message: 'is not known to the database.' }]);
    }
  }
}

/** Shops keep their order and their place, also when they are disconnected. */
function positionAfter(all: readonly ShopRecord[], id: string): number {
  const index = all.findIndex((one) => one.id === id);
  if (index === -1) throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list.' }]);
  return index + 1;
}
