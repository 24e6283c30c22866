import { createHash, randomBytes } from 'node:crypto';
import type { SimulatorClock } from '../clock.ts';
import type { SimulatorOptions } from '../options.ts';
import type { SimulatedShop } from '../shops.ts';

/** End of a grant: refresh tokens are given until 2124, which 32 bits cannot hold (facts, section 1). */
const grantEnd = 4_870_000_000;
const codeLifetime = 1_800;

export const allScopes = [
  'seller.authorization.info',
  'seller.shop.info',
  'seller.order.info',
  'seller.product.basic',
  'seller.fulfillment.basic',
  'seller.logistics',
  'seller.return_refund.basic',
  'seller.finance.info',
  'data.shop_analytics.public.read',
  'seller.affiliate_collaboration.read',
];

/** What one seller has allowed this app. A second consent adds shops to it and revives it. */
export interface Grant {
  seller: number;
  openId: string;
  shops: Set<string>;
  scopes: string[];
  revoked: boolean;
  refreshTokens: Map<string, number>;
}

export interface AccessToken {
  grant: Grant;
  expiresAt: number;
}

/** Authorization codes, access tokens and refresh tokens. Times are Unix seconds of the simulator's clock. */
export class Grants {
  readonly all: Grant[] = [];
  readonly #shops: SimulatedShop[];
  readonly #options: SimulatorOptions;
  readonly #clock: SimulatorClock;
  readonly #codes = new Map<string, { grant: Grant; expiresAt: number }>();
  readonly #access = new Map<string, AccessToken>();

  constructor(shops: SimulatedShop[], options: SimulatorOptions, clock: SimulatorClock) {
    this.#shops = shops;
    this.#options = options;
    this.#clock = clock;
  }

  /** The seller says yes: a code for one token call within 30 minutes. */
  allow(seller: number, shopIds: readonly string[]): string {
    let grant = this.all.find((entry) => entry.seller === seller);
    if (grant === undefined) {
      const openId = createHash('sha256')
        .update(`${this.#options.appKey} ${this.#options.seed} ${seller}`)
        .digest('hex')
        .slice(0, 32);
      grant = {
        seller,
        openId,
        shops: new Set(),
        scopes: allScopes,
        revoked: false,
        refreshTokens: new Map(),
      };
      this.all.push(grant);
    }
    grant.revoked = false;
    for (const id of shopIds) grant.shops.add(id);
    const code = `${this.#prefix(grant)}_${randomBytes(24).toString('base64url')}`;
    this.#codes.set(code, { grant, expiresAt: this.#clock.now() + codeLifetime });
    return code;
  }

  /** Exchanges a code; `null` when it is wrong, used or too old. */
  exchange(code: string): Record<string, unknown> | null {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    if (found === undefined || found.expiresAt <= this.#clock.now() || found.grant.revoked) return null;
    return this.#issue(found.grant);
  }

  /** Gives a new pair; `null` for a refresh token that is unknown, replaced or revoked. */
  refresh(refreshToken: string): Record<string, unknown> | null {
    const grant = this.all.find((entry) => entry.refreshTokens.has(refreshToken));
    if (grant === undefined || grant.revoked) return null;
    if ((grant.refreshTokens.get(refreshToken) ?? 0) <= this.#clock.now()) return null;
    if (this.#options.oldRefreshToken === 'replaced') grant.refreshTokens.delete(refreshToken);
    return this.#issue(grant);
  }

  /** The grant behind an access token; `null` when nobody has it (any more). */
  find(accessToken: string): AccessToken | null {
    const found = this.#access.get(accessToken);
    return found === undefined || found.grant.revoked ? null : found;
  }

  /** The seller, or the platform, takes everything back. */
  revoke(grant: Grant): void {
    grant.revoked = true;
    grant.refreshTokens.clear();
    for (const [token, access] of this.#access) if (access.grant === grant) this.#access.delete(token);
  }

  /** Lets all access tokens of the grant run out `inSeconds` from now. */
  expireAccess(grant: Grant, inSeconds: number): number {
    let count = 0;
    for (const access of this.#access.values()) {
      if (access.grant !== grant) continue;
      access.expiresAt = this.#clock.now() + inSeconds;
      count += 1;
    }
    return count;
  }

  #issue(grant: Grant): Record<string, unknown> {
    const now = this.#clock.now();
    const prefix = this.#prefix(grant);
    const accessToken = `${prefix}_${randomBytes(90).toString('base64url')}`;
    const refreshToken = `${prefix}_${randomBytes(48).toString('base64url')}`;
    const expiresAt = now + this.#options.accessTokenLifetime;
    this.#access.set(accessToken, { grant, expiresAt });
    for (const [token, access] of this.#access)
      if (access.expiresAt + 86_400 < now) this.#access.delete(token);
    grant.refreshTokens.set(refreshToken, grantEnd);
    const shop = this.#shops.find((entry) => entry.seller === grant.seller);
    return {
      access_token: accessToken,
      access_token_expire_in: expiresAt,
      refresh_token: refreshToken,
      refresh_token_expire_in: grantEnd,
      open_id: grant.openId,
      seller_name: `Simulated seller ${grant.seller + 1}`,
      seller_base_region: shop?.region ?? 'US',
      user_type: 0,
      granted_scopes: grant.scopes,
    };
  }

  #prefix(grant: Grant): string {
    return this.#shops.find((shop) => shop.seller === grant.seller)?.tokenPrefix ?? 'ROW';
  }
}
