import { countRuns } from '../../db/queries/count-runs.ts';
import { runListing } from '../../exports/listings/runs.ts';
import { type Stream, type StreamStatus, type SyncMode, streams } from '../../sync/types.ts';
import type { ApiDependencies, ShopRecord } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { Principal } from '../principal.ts';
import { badRequest, notFound } from '../problem.ts';
import { type Answer, addRoute, type RouteTools } from '../route.ts';
import { refuseUnconnected, seeShop, seeShops } from '../shop-access.ts';
import { page, shopParameter } from './common.schema.ts';
import {
  run,
  runListQuery,
  shopInBody,
  shopInQuery,
  startedRun,
  syncRequest,
  syncStatus,
} from './sync.schema.ts';

const started = { 202: { description: 'The run that does it', schema: startedRun } };

/** Starting syncs and seeing how they stand. */
export function addSyncRoutes(tools: RouteTools, { sql, shops, sync }: ApiDependencies): void {
  const statusOf = async (shopId: string): Promise<Record<string, StreamStatus>> => {
    const all = streams.map(async (stream) => [stream, await sync.status(shopId, stream)] as const);
    return Object.fromEntries(await Promise.all(all));
  };

  const start = async (
    shop: ShopRecord,
    { stream, mode }: { stream: Stream; mode: SyncMode },
    window?: { from: string; to: string },
  ): Promise<Answer> => {
    refuseUnconnected(shop);
    const request = { shopId: shop.id, stream, mode, trigger: 'api' as const };
    return { status: 202, body: await sync.start(window ? { ...request, window } : request) };
  };

  const chooseShop = async (principal: Principal, id: string | undefined): Promise<ShopRecord> => {
    if (id !== undefined) return (await seeShop(shops, principal, id)).shop;
    const connected = (await seeShops(shops, principal)).filter((shop) => shop.status !== 'disconnected');
    const [only, ...others] = connected;
    if (only === undefined) throw notFound('shop: no shop is connected');
    if (others.length > 0) {
      throw badRequest([{ path: 'shop_id', message: 'is needed, for several shops are connected.' }]);
    }
    return only;
  };

  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/sync/orders',
      tag: 'Sync',
      operationId: 'syncOrders',
      summary: 'Bring the orders of a shop up to date',
      description:
        'Incremental; full when no full sync ever finished. While a run is on, that run is the answer.',
      scope: 'sync',
      body: { schema: shopInBody, required: false },
      responses: started,
      problems: [404, 409, 503],
    },
    async ({ principal, body }) =>
      start(await chooseShop(principal, body.shop_id), { stream: 'orders', mode: 'incremental' }),
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/sync/orders/full',
      tag: 'Sync',
      operationId: 'syncOrdersFull',
      summary: 'Read the whole order history of a shop',
      description: 'Asked during an incremental run, it follows that run.',
      scope: 'sync',
      body: { schema: shopInBody, required: false },
      responses: started,
      problems: [404, 409, 503],
    },
    async ({ principal, body }) =>
      start(await chooseShop(principal, body.shop_id), { stream: 'orders', mode: 'full' }),
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/sync/status',
      tag: 'Sync',
      operationId: 'readSyncStatus',
      summary: 'How the syncs stand',
      description: 'One shop: its streams. Several (or none) and no `shop_id`: `shops`, one element each.',
      scope: 'read',
      query: shopInQuery,
      responses: { 200: { description: 'Status of each stream', schema: syncStatus } },
      problems: [404],
    },
    async ({ principal, query }) => {
      if (query.shop_id !== undefined) {
        const { shop } = await seeShop(shops, principal, query.shop_id);
        return { status: 200, body: await statusOf(shop.id) };
      }
      const connected = (await seeShops(shops, principal)).filter((shop) => shop.status !== 'disconnected');
      const [only, ...others] = connected;
      if (only !== undefined && others.length === 0) {
        return { status: 200, body: await statusOf(only.id) };
      }
      const statuses = connected.map(async ({ id }) => ({ shop_id: id, ...(await statusOf(id)) }));
      return { status: 200, body: { shops: await Promise.all(statuses) } };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/shops/{shop}/syncs',
      tag: 'Sync',
      operationId: 'startSync',
      summary: 'Start a sync of one stream',
      scope: 'sync',
      params: shopParameter,
      body: { schema: syncRequest, required: true },
      alsoRefused: '`from` and `to` missing or in the wrong order with mode `window`, given with another',
      responses: started,
      problems: [404, 409, 503],
    },
    async ({ principal, params, body }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      const { stream, mode, from, to } = body;
      return start(shop, { stream, mode }, from === undefined || to === undefined ? undefined : { from, to });
    },
  );

  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/syncs',
      tag: 'Sync',
      operationId: 'listSyncs',
      summary: 'The runs of a shop, newest first',
      scope: 'read',
      params: shopParameter,
      query: runListQuery,
      responses: { 200: { description: 'Runs', schema: page(run) } },
      problems: [404],
      item: run,
      listing: runListing,
      async select({ principal, params, query: { stream = null, status = null } }) {
        const seen = await seeShop(shops, principal, params.shop);
        // Where Temporal's UI is depends on who looks, and is nothing of the run.
        return { ...seen, selection: { stream, status }, leftOut: ['temporal_ui_url'] };
      },
    },
    async ({ principal, params, query }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const { stream, status, cursor, limit, with_total: withTotal } = query;
      const filter = {
        shopIds: [shop.id],
        ...(stream === undefined ? {} : { stream }),
        ...(status === undefined ? {} : { status }),
      };
      const list = ['runs', shop.id, stream ?? null, status ?? null];
      const after = cursor === undefined ? {} : { after: openCursor(list, cursor) };
      const runs = await sync.list({ ...filter, ...after, limit: limit + 1 });
      const data = runs.slice(0, limit);
      const last = runs.length > limit ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor(list, last.run_id) : null };
      if (!withTotal) return { status: 200, body };
      const total = await countRuns(scope, sql, { stream: stream ?? null, status: status ?? null });
      return { status: 200, body: { ...body, total } };
    },
  );
}
