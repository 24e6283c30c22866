import type { Sql } from '../db/pool.ts';
import { wait } from '../http/wait.ts';
import type { AuthClient } from '../sources/tiktok-shop/auth.ts';
import type { TokenGrant } from '../sources/tiktok-shop/auth-schemas.ts';
import type { UpstreamClock } from '../sources/tiktok-shop/clock.ts';
import { ApiError } from '../sources/tiktok-shop/errors.ts';
import { lockCredential, openToken, storeRefreshedTokens } from './credentials.ts';
import type { DataKeys } from './data-keys.ts';
import { type OnParked, parkGrant } from './parking.ts';

export interface TokenRefresherOptions {
  sql: Sql;
  dataKeys: DataKeys;
  authClient: Pick<AuthClient, 'refresh'>;
  clock: Pick<UpstreamClock, 'upstreamNow'>;
  onParked?: OnParked | undefined;
}

export interface TokenRefresher {
  /**
   * Replaces the token pair of a grant, unless somebody else did since `staleVersion`.
   *
   * @returns the version of the pair that is stored now.
   * @throws ApiError of kind `disconnected` after the grant was found dead (it and its shops are then parked), or
   * of another kind when TikTok could not be reached.
   */
  refresh(credentialId: number, staleVersion: number): Promise<number>;
}

/** Tries of one refresh: a lost answer is asked for again with the same refresh token. */
const tries = 3;
const pauseMs = 500;

/**
 * One refresh at a time for each grant: in this process by sharing the promise, across processes by a row lock that
 * is held while TikTok is asked, because a second refresh with a token that was just replaced may end the grant.
 */
export function createTokenRefresher(options: TokenRefresherOptions): TokenRefresher {
  const { sql, dataKeys, authClient, clock, onParked } = options;
  const flights = new Map<number, Promise<number>>();

  async function refreshLocked(credentialId: number, staleVersion: number): Promise<number> {
    // Committed before the call: should this process die in it, it is known that an answer may have been lost.
    await sql`
      update credentials set refresh_started_at = now()
      where credential_id = ${credentialId} and version = ${staleVersion} and status = 'active'`;

    const settled = await sql.begin(async (tx) => {
      const row = await lockCredential(tx, credentialId);
      if (row === null || row.status === 'revoked') throw grantGone();
      if (row.version > staleVersion) return { version: row.version };
      const refreshToken = await openToken(tx, dataKeys, row, 'refresh-token', row.refresh_token);
      const answer = await askAgainWhenLost(() => authClient.refresh(refreshToken));
      if (answer instanceof ApiError) {
        return { error: answer, shopIds: await parkGrant(tx, credentialId, answer) };
      }
      const key = await dataKeys.load(tx, row.data_key_id);
      return { version: await storeRefreshedTokens(tx, row, key, answer, new Date(clock.upstreamNow())) };
    });

    // Thrown only now: inside the transaction it would take the parking back.
    if (settled.error !== undefined) {
      onParked?.(settled.shopIds, settled.error);
      throw settled.error;
    }
    return settled.version;
  }

  return {
    async refresh(credentialId, staleVersion) {
      const running = flights.get(credentialId);
      if (running !== undefined) {
        const version = await running;
        // The other began from an older pair than this one found wanting.
        return version > staleVersion ? version : this.refresh(credentialId, staleVersion);
      }
      const flight = refreshLocked(credentialId, staleVersion).finally(() => flights.delete(credentialId));
      flights.set(credentialId, flight);
      return flight;
    },
  };
}

/** The new pair, or the error that ends the grant; what may still succeed later is thrown. */
async function askAgainWhenLost(ask: () => Promise<TokenGrant>): Promise<TokenGrant | ApiError> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'disconnected') return error;
      const lost = error.kind === 'transient' || error.kind === 'invalid-response';
      if (!lost || attempt >= tries) throw error;
      await wait(pauseMs * attempt);
    }
  }
}

function grantGone(): ApiError {
  return new ApiError({
    kind: 'disconnected',
    code: 'grant-revoked',
    message: "The shop's authorization is no longer stored or no longer valid.",
    action: 'Connect the shop again, so that its seller renews the authorization.',
  });
}
