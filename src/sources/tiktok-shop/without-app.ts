import { TidelineError } from '../../errors.ts';
import type { AuthClient } from './auth.ts';
import type { TikTokShopClient } from './client.ts';

/** What needs the app's key and secret gets this while they are not set. */
export function appMissing(): TidelineError {
  return new TidelineError({
    code: 'app-missing',
    actor: 'operator',
    status: 503,
    message: 'TIKTOK_SHOP_APP_KEY and TIKTOK_SHOP_APP_SECRET are not set, so TikTok Shop cannot be asked.',
    action: 'Set them to the key and secret of the app from Partner Center, and start again.',
  });
}

/**
 * Stand in for the clients while there is no app: nothing is sent, so that no refusal of an empty key is taken for
 * the end of a seller's grant.
 */
export const clientWithoutApp: TikTokShopClient = { call: () => Promise.reject(appMissing()) };

export const authClientWithoutApp: AuthClient = {
  exchangeCode: () => Promise.reject(appMissing()),
  refresh: () => Promise.reject(appMissing()),
  authorizedShops: () => Promise.reject(appMissing()),
};
