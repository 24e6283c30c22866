import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Sql } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { AuthClient } from '../sources/tiktok-shop/auth.ts';
import type { UpstreamClock } from '../sources/tiktok-shop/clock.ts';
import { ApiError, type StoredError } from '../sources/tiktok-shop/errors.ts';
import type { AccessProvider, ShopAccess } from '../sources/tiktok-shop/ports.ts';
import { type CredentialRow, openToken, tokenLife } from './credentials.ts';
import { createDataKeys } from './data-keys.ts';
import { notActive, type OnParked } from './parking.ts';
import { openShopCipher } from './shop-cipher.ts';
import { createTokenRefresher } from './token-refresher.ts';

export interface AccessProviderOptions {
  sql: Sql;
  keyRing: KeyRing;
  authClient: Pick<AuthClient, 'refresh'>;
  /** Expiry is judged by the upstream's clock. */
  clock: Pick<UpstreamClock, 'upstreamNow'>;
  onParked?: OnParked;
  /** How long a shop's access is used without asking the database, milliseconds. */
  cacheMs?: number;
}

interface Held {
  access: ShopAccess;
  credentialId: number;
  expiresAt: number;
  /** Before the expiry; from then on `get` refreshes by itself. */
  refreshFrom: number;
  /** By the monotonic clock. */
  heldUntil: number;
}

type ShopRow = CredentialRow & {
  shop_status: 'active' | 'parked' | 'disconnected';
  tiktok_shop_id: string;
  shop_key_id: number | null;
  shop_cipher: Buffer | null;
  last_error: StoredError | null;
};

const defaultCacheMs = 5_000;
const earlyMs = 5 * 60_000;
/** After a failed early refresh the living token is used this long before the next try. */
const pauseAfterFailureMs = 30_000;

/** Access to shops out of the database, refreshed ahead of expiry and on demand, once for all who ask. */
export function createAccessProvider(options: AccessProviderOptions): AccessProvider {
  const { sql, keyRing, clock, cacheMs = defaultCacheMs } = options;
  const dataKeys = createDataKeys(keyRing);
  const refresher = createTokenRefresher({ ...options, dataKeys });
  const held = new Map<string, Held>();
  const loads = new Map<string, Promise<Held>>();
  const pausedUntil = new Map<number, number>();

  async function read(shopId: string): Promise<Held> {
    const [row] = await sql<ShopRow[]>`
      select c.*, s.status as shop_status, s.tiktok_shop_id, s.data_key_id as shop_key_id,
        s.shop_cipher, s.last_error
      from shops s left join credentials c using (credential_id) where s.shop_id = ${shopId}`;
    if (row === undefined) {
      throw new TidelineError({
        code: 'shop-not-found',
        message: 'There is no such shop.',
        actor: 'user',
        status: 404,
      });
    }
    if (row.shop_status !== 'active') throw notActive(row.shop_status, row.last_error);
    const { tiktok_shop_id, shop_key_id, shop_cipher } = row;
    if (
      row.credential_id === null ||
      row.status !== 'active' ||
      shop_key_id === null ||
      shop_cipher === null
    ) {
      throw notActive('parked', row.last_error);
    }
    const shopCipher = await openShopCipher(sql, dataKeys, { tiktok_shop_id, shop_key_id, shop_cipher });
    const accessToken = await openToken(sql, dataKeys, row, 'access-token', row.access_token);
    const { expiresAt, lifetimeMs } = tokenLife(row);
    const entry: Held = {
      access: { accessToken, tokenVersion: row.version, shopCipher },
      credentialId: row.credential_id,
      expiresAt,
      // Times that make no sense are no reason to refresh before every call: then TikTok's own word counts.
      refreshFrom: lifetimeMs > 0 ? expiresAt - Math.min(earlyMs, lifetimeMs / 10) : Number.POSITIVE_INFINITY,
      heldUntil: performance.now() + cacheMs,
    };
    // A slow read must not put back a token that was replaced meanwhile.
    const present = held.get(shopId);
    const outrun =
      present?.credentialId === entry.credentialId && present.access.tokenVersion > entry.access.tokenVersion;
    if (!outrun) held.set(shopId, entry);
    return entry;
  }

  /** One query however many ask at once. */
  function load(shopId: string): Promise<Held> {
    const loading = loads.get(shopId);
    if (loading !== undefined) return loading;
    const started = read(shopId).finally(() => loads.delete(shopId));
    loads.set(shopId, started);
    return started;
  }

  async function refreshEarly(shopId: string, entry: Held): Promise<ShopAccess> {
    const { credentialId, access } = entry;
    const alive = entry.expiresAt > clock.upstreamNow();
    if (alive && (pausedUntil.get(credentialId) ?? 0) > performance.now()) return access;
    try {
      await refresher.refresh(credentialId, access.tokenVersion);
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind === 'disconnected' || !alive) throw error;
      pausedUntil.set(credentialId, performance.now() + pauseAfterFailureMs);
      return access;
    }
    pausedUntil.delete(credentialId);
    return (await read(shopId)).access;
  }

  return {
    async get(shopId) {
      const known = held.get(shopId);
      const entry = known !== undefined && known.heldUntil > performance.now() ? known : await load(shopId);
      return clock.upstreamNow() >= entry.refreshFrom ? refreshEarly(shopId, entry) : entry.access;
    },

    async refresh(shopId, staleVersion) {
      // Read anew: another process, or a reconnection, may have been faster.
      const entry = await load(shopId);
      if (entry.access.tokenVersion !== staleVersion) return entry.access;
      await refresher.refresh(entry.credentialId, staleVersion);
      // Not shared: a read that began before the refresh would bring the old token.
      return (await read(shopId)).access;
    },
  };
}
