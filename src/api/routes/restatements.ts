import { z } from '@hono/zod-openapi';
import { listRestatements, type RestatementFilter } from '../../db/reports/restatements.ts';
import { restatementListing } from '../../exports/listings/restatements.ts';
import { alsoRefusedRange, refuseRange } from '../day-range.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { day } from './analytics.schema.ts';
import { page, paging, shopParameter } from './common.schema.ts';
import { restatedStream, restatement } from './restatements.schema.ts';

/** What TikTok corrected after it was read. */
export function addRestatementRoute(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/restatements',
      tag: 'Analytics',
      operationId: 'listRestatements',
      summary: 'Figures that TikTok corrected after they were read, the last one first',
      scope: 'read',
      params: shopParameter,
      query: z.strictObject({
        stream: restatedStream.optional(),
        start_date: day.optional().openapi({ description: 'First of the restated days' }),
        end_date: day.optional().openapi({ description: 'Last of the restated days' }),
        ...paging,
      }),
      alsoRefused: alsoRefusedRange,
      responses: { 200: { description: 'Restatements', schema: page(restatement) } },
      problems: [404],
      item: restatement,
      listing: restatementListing,
      async select({ principal, params, query }) {
        refuseReversed(query);
        return { ...(await seeShop(shops, principal, params.shop)), selection: query };
      },
    },
    async ({ principal, params, query: { limit, cursor, with_total: withTotal, ...filter } }) => {
      refuseReversed(filter);
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const list = ['restatements', shop.id, filter];
      const after = cursor === undefined ? null : openPosition(list, cursor);
      const { next, ...found } = await listRestatements(scope, sql, filter, { after, limit, withTotal });
      const next_cursor = next === null ? null : sealCursor(list, String(next));
      return { status: 200, body: { ...found, next_cursor } };
    },
  );
}

function refuseReversed({ start_date: first, end_date: last }: RestatementFilter): void {
  if (first !== undefined && last !== undefined) refuseRange(first, last);
}
