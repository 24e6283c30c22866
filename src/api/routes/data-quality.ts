import { z } from '@hono/zod-openapi';
import { countDrift, listDrift, type RecordedDrift } from '../../db/queries/drift-findings.ts';
import { countSetAside, listSetAside, type SetAsidePosition } from '../../db/queries/quarantine.ts';
import { driftListing, quarantineListing } from '../../exports/listings/data-quality.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { page, paging, shopParameter } from './common.schema.ts';
import { drift, setAside } from './data-quality.schema.ts';

const query = z.strictObject(paging);
const position = z.strictObject({
  firstSeenAt: z.iso.datetime({ offset: true }),
  recordId: z.string().regex(/^[^\0]*$/),
});
const driftPosition = z.strictObject({ stream: z.string(), path: z.string(), kind: drift.shape.kind });

/** What could not be stored, and what TikTok sends undocumented. */
export function addDataQualityRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/quarantine',
      tag: 'Data quality',
      operationId: 'listQuarantine',
      summary: 'Records that could not be stored as rows, newest first',
      description:
        'Where each is at fault and why; nothing of what it holds. Every read and rebuild tries them again.',
      scope: 'read',
      params: shopParameter,
      query,
      responses: { 200: { description: 'Records', schema: page(setAside) } },
      problems: [404],
      item: setAside,
      listing: quarantineListing,
      select: async ({ principal, params }) => ({
        ...(await seeShop(shops, principal, params.shop)),
        selection: {},
      }),
    },
    async ({ principal, params, query: { limit, cursor, with_total: withTotal } }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const list = ['quarantine', shop.id];
      const after: SetAsidePosition | null = cursor === undefined ? null : openFields(list, cursor, position);
      const found = await listSetAside(scope, sql, { after, limit: limit + 1 });
      const last = found.length > limit ? found[limit - 1] : undefined;
      const body = {
        data: found.slice(0, limit).map(({ record }) => record),
        next_cursor: last === undefined ? null : sealCursor(list, JSON.stringify(last.position)),
      };
      return { status: 200, body: withTotal ? { ...body, total: await countSetAside(scope, sql) } : body };
    },
  );

  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/drift',
      tag: 'Data quality',
      operationId: 'listDrift',
      summary: 'What TikTok sends and does not document, by path',
      description: 'Unknown, missing and retyped fields and new codes, each once for a stream and path.',
      scope: 'read',
      params: shopParameter,
      query,
      responses: { 200: { description: 'Drift', schema: page(drift) } },
      problems: [404],
      item: drift,
      listing: driftListing,
      select: async ({ principal, params }) => ({
        ...(await seeShop(shops, principal, params.shop)),
        selection: {},
      }),
    },
    async ({ principal, params, query: { limit, cursor, with_total: withTotal } }) => {
      const { shop, scope } = await seeShop(shops, principal, params.shop);
      const list = ['drift', shop.id];
      const after = cursor === undefined ? null : openFields(list, cursor, driftPosition);
      const found = await listDrift(scope, sql, { after, limit: limit + 1 });
      const data = found.slice(0, limit);
      const last = found.length > limit ? data.at(-1) : undefined;
      const next = last === undefined ? null : sealCursor(list, positionOf(last));
      const body = { data, next_cursor: next };
      return { status: 200, body: withTotal ? { ...body, total: await countDrift(scope, sql) } : body };
    },
  );
}

function positionOf({ stream, path, kind }: RecordedDrift): string {
  return JSON.stringify({ stream, path, kind });
}
