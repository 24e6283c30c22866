import { countReconciliations, listReconciliations } from '../../db/reports/reconciliations.ts';
import { reconciliationListing } from '../../exports/listings/reconciliations.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { refuseUnconnected, seeShop } from '../shop-access.ts';
import { page, shopParameter } from './common.schema.ts';
import { reconciliation, reconciliationListQuery } from './reconciliations.schema.ts';
import { startedRun } from './sync.schema.ts';

/** Holding what is stored against TikTok, and what that came to. */
export function addReconciliationRoutes(tools: RouteTools, { sql, shops, sync }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/shops/{shop}/reconcile',
      tag: 'Sync',
      operationId: 'reconcile',
      summary: 'Compare what is stored with TikTok and mend it',
      description:
        'Counts first, then the orders of what differs. While a reconciliation is on, that run is the answer. ' +
        '409 before the first full sync has finished.',
      scope: 'sync',
      params: shopParameter,
      body: { schema: noFields, required: false },
      responses: { 202: { description: 'The run that does it', schema: startedRun } },
      problems: [404, 409, 503],
    },
    async ({ principal, params }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      refuseUnconnected(shop);
      const request = { shopId: shop.id, stream: 'reconcile', mode: 'reconcile', trigger: 'api' } as const;
      return { status: 202, body: await sync.start(request) };
    },
  );

  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/reconciliations',
      tag: 'Sync',
      operationId: 'listReconciliations',
      summary: 'What reconciliations found and repaired, newest first',
      scope: 'read',
      params: shopParameter,
      query: reconciliationListQuery,
      responses: { 200: { description: 'Reconciliations', schema: page(reconciliation) } },
      problems: [404],
      item: reconciliation,
      listing: reconciliationListing,
      select: async ({ principal, params }) => ({
        ...(await seeShop(shops, principal, params.shop)),
        selection: {},
      }),
    },
    async ({ principal, params, query }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const { cursor, limit, with_total: withTotal } = query;
      const list = ['reconciliations', shop.id];
      const after = cursor === undefined ? null : openCursor(list, cursor);
      const found = await listReconciliations(scope, sql, { limit: limit + 1, after });
      const data = found.slice(0, limit);
      const last = found.length > limit ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor(list, last.run_id) : null };
      return {
        status: 200,
        body: withTotal ? { ...body, total: await countReconciliations(scope, sql) } : body,
      };
    },
  );
}
