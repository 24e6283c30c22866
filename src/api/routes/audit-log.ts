import { z } from '@hono/zod-openapi';
import {
  type AuditFilter,
  auditActors,
  auditOutcomes,
  countAudit,
  listAudit,
} from '../../db/queries/audit-log.ts';
import { auditListing } from '../../exports/listings/operations.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { Principal } from '../principal.ts';
import { RequestError } from '../problem.ts';
import type { RouteTools } from '../route.ts';
import { page, paging, shortText, time, timeInput } from './common.schema.ts';

const entry = z
  .strictObject({
    id: z.string(),
    at: time,
    actor: z.enum(auditActors).openapi({
      description: '`environment`: the key of TIDELINE_API_KEY; `nobody`: without a key, or a wrong one',
    }),
    key_id: z.string().nullable(),
    action: z.string().openapi({ description: 'An operation id, or a command', example: 'changeShop' }),
    object: z
      .record(z.string(), z.string())
      .openapi({ description: 'Ids of what was acted on or made', example: { shop: 'shop-1' } }),
    outcome: z
      .enum(auditOutcomes)
      .openapi({ description: '`pending`: in flight, or its process died before the end' }),
    status: z.int().nullable().openapi({ description: 'HTTP status; null on the command line' }),
    request_id: z.string().nullable(),
    address: z
      .string()
      .nullable()
      .openapi({ description: 'The network that it came from (/24 or /48)', example: '203.0.113.0/24' }),
  })
  .openapi('AuditEntry');

const filters = {
  key_id: shortText.optional(),
  action: shortText.optional(),
  outcome: z.enum(auditOutcomes).optional(),
  from: timeInput.optional(),
  to: timeInput.optional(),
};

/** Who did what. */
export function addAuditLogRoutes(tools: RouteTools, { sql }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/audit_log',
      tag: 'Access',
      operationId: 'listAuditLog',
      summary: 'Every change, sign-in and refused key, newest first',
      description: 'For keys that are not bound to shops. What commands did on the machine is in it too.',
      scope: 'read',
      query: z.strictObject({ ...filters, ...paging }),
      responses: { 200: { description: 'Entries', schema: page(entry) } },
      item: entry,
      listing: auditListing,
      async select({ principal, query }) {
        refuseBoundToShops(principal);
        return { shop: null, scope: null, selection: filterOf(query) };
      },
    },
    async ({ principal, query }) => {
      refuseBoundToShops(principal);
      const filter = filterOf(query);
      const list = ['audit_log', filter];
      const after = query.cursor === undefined ? null : openPosition(list, query.cursor);
      const entries = await listAudit(sql, filter, { after, limit: query.limit + 1 });
      const data = entries.slice(0, query.limit);
      const last = entries.length > query.limit ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor(list, last.id) : null };
      return {
        status: 200,
        body: query.with_total ? { ...body, total: await countAudit(sql, filter) } : body,
      };
    },
  );
}

function filterOf(query: z.output<z.ZodObject<typeof filters>>): AuditFilter {
  return {
    keyId: query.key_id ?? null,
    action: query.action ?? null,
    outcome: query.outcome ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  };
}

function refuseBoundToShops({ shopIds }: Principal): void {
  if (shopIds === null) return;
  throw new RequestError({
    status: 403,
    code: 'bound-to-shops',
    message: 'The audit log needs a key that is not bound to shops.',
  });
}
