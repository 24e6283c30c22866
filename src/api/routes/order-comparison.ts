import { z } from '@hono/zod-openapi';
import { addDays, daysBetween } from '../../analytics/calendar.ts';
import { compareDays } from '../../db/reports/order-comparison.ts';
import { orderComparisonListing } from '../../exports/listings/order-comparison.ts';
import { alsoRefusedRange, refuseRange } from '../day-range.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { day, range } from './analytics.schema.ts';
import { page, paging, shopParameter } from './common.schema.ts';
import { comparedDay } from './order-comparison.schema.ts';

/** Orders beside TikTok's figures. */
export function addOrderComparisonRoute(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/order_comparison',
      tag: 'Analytics',
      operationId: 'compareOrders',
      summary: 'GMV of the orders beside the figure of TikTok, by day',
      description: 'With the difference explained as far as it shows; docs/analytics.md says how.',
      scope: 'read',
      params: shopParameter,
      query: z.strictObject({ ...range, ...paging }),
      alsoRefused: alsoRefusedRange,
      responses: { 200: { description: 'Days, the first one first', schema: page(comparedDay) } },
      problems: [404],
      item: comparedDay,
      listing: orderComparisonListing,
      async select({ principal, params, query: { start_date: from, end_date: last } }) {
        refuseRange(from, last);
        return {
          ...(await seeShop(shops, principal, params.shop)),
          selection: { from, to: addDays(last, 1) },
        };
      },
    },
    async ({ principal, params, query }) => {
      const { start_date: first, end_date: last, limit, cursor, with_total: withTotal } = query;
      refuseRange(first, last);
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const list = ['order comparison', shop.id, first, last];
      const from = cursor === undefined ? first : openFields(list, cursor, day);
      const end = addDays(last, 1);
      const to = daysBetween(from, end) > limit ? addDays(from, limit) : end;
      const data = await sql.begin('isolation level repeatable read read only', (tx) =>
        compareDays(scope, tx, { from, to }),
      );
      const next = to === end ? null : sealCursor(list, JSON.stringify(to));
      const total = withTotal ? { total: daysBetween(first, end) } : {};
      return { status: 200, body: { data, next_cursor: next, ...total } };
    },
  );
}
