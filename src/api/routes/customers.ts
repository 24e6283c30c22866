import { z } from '@hono/zod-openapi';
import { addDays } from '../../analytics/calendar.ts';
import { periodsOf } from '../../analytics/cover.ts';
import { readCustomers } from '../../db/reports/customers.ts';
import { customerListing } from '../../exports/listings/customers.ts';
import { alsoRefusedRange, refuseRange } from '../day-range.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { day, range } from './analytics.schema.ts';
import { money, page, paging, shopParameter } from './common.schema.ts';

const count = z.int().nonnegative();

const customers = z
  .strictObject({
    date: z.iso.date().openapi({ description: 'First day of the period' }),
    currency: z.string().nullable(),
    customers: count.openapi({ description: 'Different buyers of paid orders' }),
    new_customers: count.openapi({ description: 'Those whose first paid order is of this period' }),
    returning_customers: count.openapi({ description: 'Those who had paid for one before' }),
    orders_count: count,
    gmv: money.openapi({ description: 'Of all paid orders, those without a known buyer included' }),
    new_gmv: money,
    returning_gmv: money,
  })
  .openapi('Customers');

/** Who buys for the first time, and who comes back. */
export function addCustomerRoute(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/customers',
      tag: 'Analytics',
      operationId: 'listCustomers',
      summary: 'New and returning customers by day, week or month',
      description: "From the shop's own orders, by the day of payment.",
      scope: 'read',
      params: shopParameter,
      query: z.strictObject({
        ...range,
        granularity: z.enum(['day', 'week', 'month']).default('day'),
        ...paging,
      }),
      alsoRefused: alsoRefusedRange,
      responses: { 200: { description: 'Periods, the first one first', schema: page(customers) } },
      problems: [404],
      item: customers,
      listing: customerListing,
      async select({ principal, params, query: { start_date: from, end_date: last, granularity } }) {
        refuseRange(from, last);
        const selection = { from, to: addDays(last, 1), granularity };
        return { ...(await seeShop(shops, principal, params.shop)), selection };
      },
    },
    async ({ principal, params, query }) => {
      const { start_date: from, end_date: last, granularity, limit, cursor, with_total: withTotal } = query;
      refuseRange(from, last);
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const list = ['customers', shop.id, from, last, granularity];
      const start = cursor === undefined ? '' : openFields(list, cursor, day);
      const all = periodsOf(from, addDays(last, 1), granularity);
      const rest = all.filter(({ label }) => label >= start);
      const data = await sql.begin('isolation level repeatable read read only', (tx) =>
        readCustomers(scope, tx, rest.slice(0, limit)),
      );
      const next = rest[limit];
      const body = {
        data,
        next_cursor: next === undefined ? null : sealCursor(list, JSON.stringify(next.label)),
        ...(withTotal ? { total: all.length } : {}),
      };
      return { status: 200, body };
    },
  );
}
