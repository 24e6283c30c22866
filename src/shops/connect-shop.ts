import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Config } from '../config.ts';
import type { Sql } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { type AuthClient, buildAuthorizeUrl } from '../sources/tiktok-shop/auth.ts';
import { createDataKeys } from './data-keys.ts';
import { consumeState, createState } from './oauth-states.ts';
import { type ConnectedShop, storeConsent } from './store-consent.ts';

export type { ConnectedShop } from './store-consent.ts';

export interface BeginConsentOptions {
  sql: Sql;
  config: Pick<Config, 'tiktokShop'>;
  /** Secret of the browser that begins; the callback must bring the same one. */
  binding: string;
  /** Whether the first full syncs start at once. */
  sync: boolean;
  /** Whether each new shop waits with `sync_enabled: false` for a choice. */
  choose: boolean;
}

/** Begins a consent. Throws TidelineError for the operator when the app's service id is missing. */
export async function beginConsent(
  options: BeginConsentOptions,
): Promise<{ authorizeUrl: string; state: string }> {
  const { sql, config, binding, sync, choose } = options;
  const { authorizeUrl, serviceId } = config.tiktokShop;
  if (serviceId === null) {
    throw new TidelineError({
      code: 'service-id-missing',
      message: 'TIKTOK_SHOP_SERVICE_ID is not set, so there is no consent page to go to.',
      actor: 'operator',
      action: "Set it to the app's service id from Partner Center.",
      status: 503,
    });
  }
  const state = await createState(sql, binding, { startSync: sync, choose });
  return { authorizeUrl: buildAuthorizeUrl(authorizeUrl, serviceId, state), state };
}

export interface CompleteConsentOptions {
  sql: Sql;
  config: Pick<Config, 'tiktokShop'>;
  keyRing: KeyRing;
  authClient: Pick<AuthClient, 'exchangeCode' | 'authorizedShops'>;
  /** What TikTok's redirect carried. */
  query: { code?: string | null; state?: string | null; error?: string | null };
  binding: string;
  /** Upstream's time in milliseconds; the local clock when left out. */
  now?: () => number;
}

export type ConsentOutcome =
  | {
      outcome: 'connected';
      shops: ConnectedShop[];
      startSync: boolean;
    }
  | { outcome: 'refused'; reason: string };

/**
 * Takes the seller's answer: exchanges the code, asks which shops it opens, and stores all of it in one transaction.
 *
 * @throws TidelineError 400 for a wrong, used or foreign state, before anything is changed or asked; ApiError when
 * TikTok refuses the code or cannot be reached.
 */
export async function completeConsent(options: CompleteConsentOptions): Promise<ConsentOutcome> {
  const { sql, config, keyRing, authClient, query, binding, now = Date.now } = options;
  const choices = query.state ? await consumeState(sql, query.state, binding) : null;
  if (choices === null) throw wrongState();

  const { code, error } = query;
  if (error || !code || code === 'null') return { outcome: 'refused', reason: refusal(error) };
  const appKey = config.tiktokShop.appKey;
  if (appKey === null) throw new Error('A consent was completed without an app key.');

  const grant = await authClient.exchangeCode(code);
  const authorized = await authClient.authorizedShops(grant.access_token);
  if (authorized.length === 0) {
    return { outcome: 'refused', reason: 'The seller account has no shop that this app may read.' };
  }
  const shops = await sql.begin((tx) =>
    storeConsent(tx, {
      dataKeys: createDataKeys(keyRing),
      appKey,
      // Without the owner's id the oldest of the grant's shops stands for the owner.
      grant: {
        ...grant,
        open_id: grant.open_id ?? `shop-${authorized.map((shop) => shop.id).toSorted()[0]}`,
      },
      authorized,
      choose: choices.choose,
      now: new Date(now()),
    }),
  );
  return { outcome: 'connected', shops, startSync: choices.startSync && !choices.choose };
}

/** Only known words are repeated: the query comes from whoever made the link. */
function refusal(error: string | null | undefined): string {
  return error === 'auth_denied' || !error
    ? 'The seller did not agree to the authorization.'
    : 'TikTok Shop ended the authorization with an error.';
}

function wrongState(): TidelineError {
  return new TidelineError({
    code: 'consent-state-invalid',
    message:
      'This answer belongs to no open consent of this browser: it was used already, is over, or is foreign.',
    actor: 'user',
    action: 'Begin again at /connect/tiktok-shop.',
  });
}
