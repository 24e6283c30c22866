import { RequestError } from './problem.ts';

/** What a key may do; each stands alone but for `admin`, which has all. */
export const scopes = ['read', 'sync', 'write', 'ingest', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who is asking. */
export interface Principal {
  /** Null for the key of the environment. */
  keyId: string | null;
  scopes: readonly Scope[];
  /** Null: every shop. */
  shopIds: readonly string[] | null;
}

/** The owner of `TIDELINE_API_KEY`. */
export const environmentPrincipal: Principal = { keyId: null, scopes: ['admin'], shopIds: null };

/** Whether the principal has the scope, by itself or as an admin. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes('admin') || principal.scopes.includes(scope);
}

/** Whether the principal may see the shop. */
export function maySeeShop(principal: Principal, shopId: string): boolean {
  return principal.shopIds === null || principal.shopIds.includes(shopId);
}

/**
 * For what belongs to no shop.
 *
 * @throws RequestError 403 when the key is bound to shops
 */
export function refuseBoundKey(principal: Principal): void {
  if (principal.shopIds === null) return;
  throw new RequestError({
    status: 403,
    code: 'key-bound-to-shops',
    message: 'This belongs to no shop, and the key is bound to shops.',
    action: 'Use a key that is not.',
  });
}
