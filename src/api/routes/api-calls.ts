import { z } from '@hono/zod-openapi';
import { type ApiCallFilter, countApiCalls, listApiCalls } from '../../db/queries/api-calls.ts';
import { apiCallListing } from '../../exports/listings/operations.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { page, paging, shortText, time, timeInput } from './common.schema.ts';

const apiCall = z
  .strictObject({
    id: z.string(),
    at: time,
    shop_id: z.string().nullable(),
    run_id: z.string().nullable(),
    method: z.string(),
    path: z.string().openapi({ description: 'Without its query', example: '/order/202309/orders/search' }),
    attempt: z.int().openapi({ description: '1 for a first try' }),
    http_status: z.int().nullable().openapi({ description: 'null: no answer' }),
    code: z.string().nullable().openapi({ description: "TikTok's own code; 0 is success" }),
    request_id: z.string().nullable().openapi({ description: "TikTok's" }),
    outcome: z.string().openapi({ description: '`ok`, or the kind of failure', example: 'rate-limited' }),
    duration_ms: z.int(),
    response_bytes: z.int().nullable(),
  })
  .openapi('ApiCall');

const filters = {
  shop_id: shortText.optional(),
  run_id: shortText.optional(),
  outcome: shortText.optional(),
  from: timeInput.optional(),
  to: timeInput.optional(),
};

/** The log of calls to TikTok. */
export function addApiCallRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/api_calls',
      tag: 'Operations',
      operationId: 'listApiCalls',
      summary: 'Calls to TikTok, newest first',
      description:
        'Of the last seven days. No query, body, token or anything personal is kept. A key that is bound to shops ' +
        'sees the calls made for these.',
      scope: 'read',
      query: z.strictObject({ ...filters, ...paging }),
      responses: { 200: { description: 'Calls', schema: page(apiCall) } },
      problems: [404],
      item: apiCall,
      listing: apiCallListing,
      async select({ principal, query }) {
        const seen = query.shop_id === undefined ? null : await seeShop(shops, principal, query.shop_id);
        const shopIds = seen === null ? principal.shopIds : [seen.shop.id];
        return { shop: null, scope: null, ...seen, selection: filterOf(query, shopIds) };
      },
    },
    async ({ principal, query }) => {
      const shopIds =
        query.shop_id === undefined
          ? principal.shopIds
          : [(await seeShop(shops, principal, query.shop_id)).shop.id];
      const filter = filterOf(query, shopIds);
      const list = ['api_calls', filter];
      const after = query.cursor === undefined ? null : openPosition(list, query.cursor);
      const calls = await listApiCalls(sql, filter, { after, limit: query.limit + 1 });
      const data = calls.slice(0, query.limit);
      const last = calls.length > query.limit ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor(list, last.id) : null };
      return {
        status: 200,
        body: query.with_total ? { ...body, total: await countApiCalls(sql, filter) } : body,
      };
    },
  );
}

function filterOf(
  query: z.output<z.ZodObject<typeof filters>>,
  shopIds: ApiCallFilter['shopIds'],
): ApiCallFilter {
  return {
    shopIds,
    runId: query.run_id ?? null,
    outcome: query.outcome ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  };
}
