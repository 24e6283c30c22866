import { randomBytes } from 'node:crypto';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import type { Sql } from '../../src/db/pool.ts';
import { completeConsent } from '../../src/shops/connect-shop.ts';
import { createState } from '../../src/shops/oauth-states.ts';
import type { AuthClient } from '../../src/sources/tiktok-shop/auth.ts';
import type { AuthorizedShop, TokenGrant } from '../../src/sources/tiktok-shop/auth-schemas.ts';

export const testKeyRing = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);

export const testConfig = {
  tiktokShop: {
    appKey: 'app-1',
    appSecret: 'app-secret',
    serviceId: 'service 1',
    redirectUri: null,
    apiUrl: 'https://api.invalid',
    authUrl: 'https://auth.invalid',
    authorizeUrl: 'https://services.invalid',
    sandbox: false,
    requestsPerSecond: 50,
    parallelSlices: 8,
  },
};

export function grantOf(openId: string, generation = 1, lifetimeMs = 7 * 86_400_000): TokenGrant {
  return {
    access_token: `ROW_access-${openId}-${generation}`,
    access_token_expire_in: new Date(Date.now() + lifetimeMs),
    refresh_token: `ROW_refresh-${openId}-${generation}`,
    // As in public samples: far beyond 2038.
    refresh_token_expire_in: new Date(4_876_502_400_000),
    open_id: openId,
    seller_name: 'Seller',
    seller_base_region: 'US',
    user_type: 0,
    granted_scopes: ['seller.order.info'],
  };
}

export function shopOf(id: string, region = 'US'): AuthorizedShop {
  return { id, name: `Shop ${id}`, region, seller_type: 'LOCAL', cipher: `cipher-${id}`, code: null };
}

export function consentClient(
  grant: TokenGrant,
  shops: AuthorizedShop[],
): Pick<AuthClient, 'exchangeCode' | 'authorizedShops'> {
  return { exchangeCode: async () => grant, authorizedShops: async () => shops };
}

/** Connects shops as the OAuth callback does. */
export async function connect(
  sql: Sql,
  grant: TokenGrant,
  shops: AuthorizedShop[],
  choices = { startSync: true, choose: false },
) {
  const state = await createState(sql, 'browser', choices);
  const outcome = await completeConsent({
    sql,
    config: testConfig,
    keyRing: testKeyRing,
    authClient: consentClient(grant, shops),
    query: { code: 'code', state },
    binding: 'browser',
  });
  if (outcome.outcome !== 'connected') throw new Error(outcome.reason);
  return outcome;
}
