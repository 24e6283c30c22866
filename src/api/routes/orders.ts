import { decodeCursor } from '../../db/queries/order-cursor.ts';
import { readOrder } from '../../db/queries/order-detail.ts';
import { listOrders } from '../../db/queries/orders.ts';
import type { ShopScope } from '../../db/queries/shop-scope.ts';
import { emptyStatistics, readOrderStatistics } from '../../db/reports/order-statistics.ts';
import { orderListing } from '../../exports/listings/orders.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addListRoute } from '../list-route.ts';
import { hasScope, type Principal } from '../principal.ts';
import { badRequest, notFound } from '../problem.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { refuseUnconnected, seeShop } from '../shop-access.ts';
import { shopParameter } from './common.schema.ts';
import {
  order,
  orderDetail,
  orderListQuery,
  orderPage,
  orderParameter,
  orderStatistics,
  refreshedOrderParameter,
  statisticsQuery,
} from './orders.schema.ts';

const path = '/api/v1/shops/{shop}/orders';

/** Stored orders. */
export function addOrderRoutes(tools: RouteTools, { sql, shops, sync, readPersonal }: ApiDependencies): void {
  const show = async (principal: Principal, scope: ShopScope, orderId: string) => {
    const found = await readOrder(scope, sql, orderId);
    if (found === null) throw notFound('order');
    if (!hasScope(principal, 'write')) return found;
    return { ...found, personal: await readPersonal(scope, found.order_id) };
  };

  addListRoute(
    tools,
    {
      path,
      tag: 'Orders',
      operationId: 'listOrders',
      summary: 'Orders of a shop, newest first',
      scope: 'read',
      params: shopParameter,
      query: orderListQuery,
      responses: { 200: { description: 'Orders', schema: orderPage } },
      problems: [404],
      item: order,
      listing: orderListing,
      async select({ principal, params, query }) {
        const { sort, order: direction, ...filters } = query;
        const seen = await seeShop(shops, principal, params.shop);
        return { ...seen, selection: { filters, sort, direction } };
      },
    },
    async ({ principal, params, query }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const { sort, order: direction, limit, cursor, with_total: withTotal, ...filters } = query;
      const after =
        cursor === undefined ? null : decodeCursor({ shopId: shop.id, filters, sort, direction }, cursor);
      if (after === 'garbage')
        throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list.' }]);
      if (after === 'other-list') {
        const message = 'belongs to other filters, another sort or another shop.';
        throw badRequest([{ path: 'cursor', message }]);
      }
      const body = await listOrders(scope, sql, { filters, sort, direction, limit, after, withTotal });
      return { status: 200, body };
    },
  );

  // Before the detail, whose pattern it fits too.
  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/stats`,
      tag: 'Orders',
      operationId: 'readOrderStatistics',
      summary: 'Sums and counts of orders',
      description: 'With orders in several currencies: `by_currency`, one element each.',
      scope: 'read',
      params: shopParameter,
      query: statisticsQuery,
      responses: { 200: { description: 'Statistics', schema: orderStatistics } },
      problems: [404],
    },
    async ({ principal, params, query }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const [only, ...others] = await readOrderStatistics(scope, sql, query);
      if (only === undefined) return { status: 200, body: emptyStatistics(shop.currency) };
      return { status: 200, body: others.length === 0 ? only : { by_currency: [only, ...others] } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/{order_id}`,
      tag: 'Orders',
      operationId: 'readOrder',
      summary: 'One order with lines, packages and status history',
      scope: 'read',
      params: orderParameter,
      responses: { 200: { description: 'The order', schema: orderDetail } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await show(principal, scope, params.order_id) };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/{order_id}/refresh`,
      tag: 'Orders',
      operationId: 'refreshOrder',
      summary: 'Read one order again from TikTok',
      description: 'Answers when it is stored, with the order as it is then.',
      scope: 'sync',
      params: refreshedOrderParameter,
      body: { schema: noFields, required: false },
      responses: { 200: { description: 'The order', schema: orderDetail } },
      problems: [404, 409, 502, 503],
    },
    async ({ principal, params }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      refuseUnconnected(shop);
      await sync.refreshOrder(shop.id, params.order_id);
      return { status: 200, body: await show(principal, scope, params.order_id) };
    },
  );
}
