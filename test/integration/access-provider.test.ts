import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { createAccessProvider } from '../../src/shops/access-provider.ts';
import { refreshDueCredentials } from '../../src/shops/refresh-due-credentials.ts';
import { findShop } from '../../src/shops/shops.ts';
import type { TokenGrant } from '../../src/sources/tiktok-shop/auth-schemas.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect, grantOf, shopOf, testKeyRing } from '../support/grants.ts';

let database: TestDatabase;
let sql: Sql;
let other: Sql;
let round = 0;
let openId: string;
let refreshCalls: string[];
let answerRefresh: (token: string) => Promise<TokenGrant>;

const clock = { upstreamNow: () => Date.now() };
const authClient = {
  refresh: (token: string) => {
    refreshCalls.push(token);
    return answerRefresh(token);
  },
};
const provider = (pool = sql, options = {}) =>
  createAccessProvider({ sql: pool, keyRing: testKeyRing, authClient, clock, ...options });

const revoked = () =>
  new ApiError({
    kind: 'disconnected',
    code: 'grant-revoked',
    message: 'TikTok Shop no longer accepts the authorization.',
    action: 'Connect the shop again.',
    requestId: 'req-7',
  });
const lost = () => new ApiError({ kind: 'transient', code: 'upstream-reset', message: 'x' });

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 6 });
  other = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 6 });
});
afterAll(async () => {
  await sql.end();
  await other.end();
  await database.drop();
});
beforeEach(() => {
  round++;
  openId = `open-${round}`;
  refreshCalls = [];
  let generation = 1;
  answerRefresh = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return grantOf(openId, ++generation);
  };
});

async function connected(lifetimeMs?: number) {
  const { shops } = await connect(sql, grantOf(openId, 1, lifetimeMs), [
    shopOf(`9${round}`),
    shopOf(`8${round}`),
  ]);
  return shops.map((shop) => shop.shopId) as [string, string];
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('access provider', () => {
  it('gives the access of each shop of a grant', async () => {
    const [first, second] = await connected();
    const access = provider();
    expect(await access.get(first)).toEqual({
      accessToken: `ROW_access-${openId}-1`,
      tokenVersion: 1,
      shopCipher: `cipher-8${round}`,
    });
    expect((await access.get(second)).shopCipher).toBe(`cipher-9${round}`);
    expect(await failure(access.get('shop-999999'))).toMatchObject({ code: 'shop-not-found', status: 404 });
  });

  it('makes one refresh of 40 that see the expiry at once, in two processes and on two shops', async () => {
    const [first, second] = await connected();
    const providers = [provider(sql), provider(other)];
    const asked = Array.from({ length: 40 }, (_, index) => {
      const one = providers[index % 2] as (typeof providers)[number];
      return one.refresh(index % 4 < 2 ? first : second, 1);
    });
    for (const access of await Promise.all(asked)) {
      expect(access).toMatchObject({ accessToken: `ROW_access-${openId}-2`, tokenVersion: 2 });
    }
    expect(refreshCalls).toEqual([`ROW_refresh-${openId}-1`]);
    expect((await providers[0]?.get(first))?.tokenVersion).toBe(2);
    const [row] = await sql`select version, status, refresh_started_at, refresh_token_expires_at
      from credentials where open_id = ${openId}`;
    expect(row).toMatchObject({ version: 2, status: 'active', refresh_started_at: null });
    expect(row?.refresh_token_expires_at.toISOString()).toBe('2124-07-13T00:00:00.000Z');
  });

  it('sees what another process refreshed, without a call', async () => {
    const [shop] = await connected();
    const here = provider(sql);
    await here.get(shop);
    await provider(other).refresh(shop, 1);
    expect((await here.refresh(shop, 1)).tokenVersion).toBe(2);
    expect(refreshCalls).toHaveLength(1);
  });

  it('refreshes by itself shortly before the expiry, and lives on with the old token while TikTok is away', async () => {
    const [shop] = await connected(2_000);
    const access = provider(sql, { cacheMs: 0 });
    expect((await access.get(shop)).tokenVersion).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_850));
    expect((await access.get(shop)).tokenVersion).toBe(2);
    expect(refreshCalls).toHaveLength(1);

    await sql`update credentials set access_token_expires_at = now() + interval '30 seconds' where open_id = ${openId}`;
    await sql`update credentials set refreshed_at = now() - interval '1 hour' where open_id = ${openId}`;
    answerRefresh = async () => {
      throw new ApiError({ kind: 'rate-limited', message: 'x' });
    };
    expect((await access.get(shop)).tokenVersion).toBe(2);
    expect((await access.get(shop)).tokenVersion).toBe(2);
    expect(refreshCalls).toHaveLength(2);
  });

  it('asks again with the same refresh token when the answer is lost', async () => {
    const [shop] = await connected();
    const answers = [lost(), lost()];
    answerRefresh = async () => {
      const error = answers.shift();
      if (error !== undefined) throw error;
      return grantOf(openId, 2);
    };
    expect((await provider().refresh(shop, 1)).tokenVersion).toBe(2);
    expect(new Set(refreshCalls)).toEqual(new Set([`ROW_refresh-${openId}-1`]));
    expect(refreshCalls).toHaveLength(3);
  });

  it('keeps the grant and the mark of the lost answer when TikTok stays away', async () => {
    const [shop] = await connected();
    answerRefresh = async () => {
      throw lost();
    };
    expect(await failure(provider().refresh(shop, 1))).toMatchObject({ kind: 'transient' });
    const [row] =
      await sql`select version, status, refresh_started_at from credentials where open_id = ${openId}`;
    expect(row).toMatchObject({ version: 1, status: 'active' });
    expect(row?.refresh_started_at).toBeInstanceOf(Date);
    expect(await findShop(sql, shop)).toMatchObject({ status: 'active' });
  });

  it('parks every shop of a dead grant, once, and lets it live again after reconnecting', async () => {
    const [first, second] = await connected();
    answerRefresh = async () => {
      throw revoked();
    };
    const parked: (readonly string[])[] = [];
    const access = provider(sql, { onParked: (shopIds: readonly string[]) => parked.push(shopIds) });
    const errors = await Promise.all(
      Array.from({ length: 20 }, (_, index) => failure(access.refresh(index % 2 ? first : second, 1))),
    );
    for (const error of errors) expect(error).toMatchObject({ kind: 'disconnected', status: 409 });
    expect(refreshCalls).toHaveLength(1);
    expect(parked.map((ids) => [...ids].sort())).toEqual([[first, second].sort()]);
    expect(await findShop(sql, first)).toMatchObject({
      status: 'parked',
      last_error: { code: 'grant-revoked', request_id: 'req-7', action: 'Connect the shop again.' },
    });
    expect(await failure(provider(other).get(first))).toMatchObject({
      kind: 'disconnected',
      code: 'grant-revoked',
    });

    const { shops } = await connect(sql, grantOf(openId, 5), [shopOf(`9${round}`), shopOf(`8${round}`)]);
    expect(shops.map(({ shopId, wasParked, isNew }) => ({ shopId, wasParked, isNew }))).toEqual([
      { shopId: first, wasParked: true, isNew: false },
      { shopId: second, wasParked: true, isNew: false },
    ]);
    expect(await findShop(sql, first)).toMatchObject({ status: 'active', last_error: null });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await provider(other).get(first)).toMatchObject({ accessToken: `ROW_access-${openId}-5` });
  });

  it('refreshes what is due within 36 hours, and counts', async () => {
    await sql`update credentials set status = 'revoked'`;
    await connected(3_600_000);
    const due = openId;
    openId = `${openId}-later`;
    await connect(sql, grantOf(openId), [shopOf(`7${round}`)]);
    const run = () => refreshDueCredentials({ sql, keyRing: testKeyRing, authClient, clock });
    answerRefresh = async () => grantOf(due, 2);
    expect(await run()).toEqual({ due: 1, refreshed: 1, parked: 0, failed: 0 });
    expect(await run()).toEqual({ due: 0, refreshed: 0, parked: 0, failed: 0 });
    await sql`update credentials set access_token_expires_at = now() where status = 'active'`;
    answerRefresh = async (token) => {
      throw token.includes('later') ? revoked() : lost();
    };
    expect(await run()).toEqual({ due: 2, refreshed: 0, parked: 1, failed: 1 });
  });

  it('stores no token in clear', async () => {
    await connected();
    const rows = await sql`select encode(access_token || refresh_token, 'escape') as bytes from credentials`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('ROW_');
  });
});
