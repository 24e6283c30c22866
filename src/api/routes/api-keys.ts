import { type ApiKey, type KeyViewer, listKeys, maySeeKey, readKey } from '../../db/queries/api-keys.ts';
import { apiKeyListing } from '../../exports/listings/api-keys.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { createKey, revokeKey } from '../keys.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { hasScope, type Principal } from '../principal.ts';
import { badRequest, notFound } from '../problem.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { apiKey, apiKeyListQuery, apiKeyParameter, apiKeyRequest, newApiKey } from './api-keys.schema.ts';
import { page } from './common.schema.ts';

const path = '/api/v1/api_keys';
const tag = 'Access';

/** Keys of the API. */
export function addApiKeyRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path,
      tag,
      operationId: 'listApiKeys',
      summary: 'The keys, newest first, without their secrets',
      description:
        'An admin key sees every key that is bound to no other shops than its own; another one only itself.',
      scope: 'read',
      query: apiKeyListQuery,
      responses: { 200: { description: 'Keys, the revoked ones too', schema: page(apiKey) } },
      item: apiKey,
      listing: apiKeyListing,
      select: async ({ principal }) => ({ shop: null, scope: null, selection: viewerOf(principal) }),
    },
    async ({ principal, query }) => {
      const all = (await listKeys(sql)).filter((key) => maySeeKey(viewerOf(principal), key));
      const list = ['api_keys', principal.keyId];
      const from = query.cursor === undefined ? 0 : positionAfter(all, openCursor(list, query.cursor));
      const data = all.slice(from, from + query.limit);
      const last = from + query.limit < all.length ? data.at(-1) : undefined;
      const body = { data, next_cursor: last ? sealCursor(list, last.id) : null };
      return { status: 200, body: query.with_total ? { ...body, total: all.length } : body };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path,
      tag,
      operationId: 'createApiKey',
      summary: 'Make a key; it is shown only in this answer',
      description: 'A key that is bound to shops makes keys for these shops only.',
      scope: 'admin',
      body: { schema: apiKeyRequest, required: true },
      alsoRefused: 'an `expires_at` that is over',
      responses: { 201: { description: 'The new key', schema: newApiKey } },
      problems: [404],
    },
    async ({ principal, body }) => {
      const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
      if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
        throw badRequest([{ path: 'expires_at', message: 'must lie in the future.' }]);
      }
      const shopIds = new Set<string>(principal.shopIds ?? []);
      if (body.shops !== undefined) {
        shopIds.clear();
        for (const id of body.shops) shopIds.add((await seeShop(shops, principal, id)).shop.id);
      }
      const everyShop = body.shops === undefined && principal.shopIds === null;
      const made = await createKey(sql, {
        name: body.name,
        scopes: body.scopes,
        shopIds: everyShop ? null : [...shopIds],
        expiresAt,
      });
      return { status: 201, body: made, headers: { Location: `${path}/${made.id}` } };
    },
  );

  addRoute(
    tools,
    {
      method: 'delete',
      path: `${path}/{key_id}`,
      tag,
      operationId: 'revokeApiKey',
      summary: 'Revoke a key; its sessions end at once',
      scope: 'admin',
      params: apiKeyParameter,
      body: { schema: noFields, required: false },
      responses: { 204: { description: 'Revoked' } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const key = await readKey(sql, params.key_id);
      if (key === null || !maySeeKey(viewerOf(principal), key) || !(await revokeKey(sql, key.id)))
        throw notFound('key');
      return { status: 204 };
    },
  );
}

function viewerOf(principal: Principal): KeyViewer {
  const { keyId, shopIds } = principal;
  return { keyId, isAdmin: hasScope(principal, 'admin'), shopIds };
}

/** Keys are revoked, never deleted: each keeps its place. */
function positionAfter(all: readonly ApiKey[], id: string): number {
  const index = all.findIndex((one) => one.id === id);
  if (index === -1) throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list.' }]);
  return index + 1;
}
