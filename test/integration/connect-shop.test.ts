import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { insertRun, loadRun, pauseRun, takeNextRun } from '../../src/db/queries/runs.ts';
import { TidelineError } from '../../src/errors.ts';
import { beginConsent, completeConsent } from '../../src/shops/connect-shop.ts';
import { checkKeyRing, createDataKeys } from '../../src/shops/data-keys.ts';
import { parkShop } from '../../src/shops/parking.ts';
import { createPersonalCipher } from '../../src/shops/personal-cipher.ts';
import { disconnectShop, findShop, listShops, updateShop } from '../../src/shops/shops.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect, consentClient, grantOf, shopOf, testConfig, testKeyRing } from '../support/grants.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 6 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate shops, credentials, data_keys, oauth_states cascade`;
});

const begin = (options: { sync?: boolean; choose?: boolean } = {}) =>
  beginConsent({ sql, config: testConfig, binding: 'browser', sync: true, choose: false, ...options });

function complete(query: { code?: string; state?: string; error?: string }, options: object = {}) {
  return completeConsent({
    sql,
    config: testConfig,
    keyRing: testKeyRing,
    authClient: consentClient(grantOf('open-1'), [shopOf('111'), shopOf('222', 'ID')]),
    query,
    binding: 'browser',
    ...options,
  });
}

async function counts() {
  const [row] =
    await sql`select (select count(*) from shops) as shops, (select count(*) from credentials) as grants,
    (select count(*) from data_keys) as keys`;
  return row;
}

const invalid = { code: 'consent-state-invalid', status: 400, actor: 'user' };

describe('consent', () => {
  it('goes to the consent page with the service id and a state', async () => {
    const { authorizeUrl, state } = await begin();
    expect(authorizeUrl).toBe(
      `https://services.invalid/open/authorize?service_id=service%201&state=${state}`,
    );
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(await sql`select encode(state_hash, 'escape') from oauth_states`)).not.toContain(
      state,
    );
  });

  it('stores the grant and every authorized shop', async () => {
    const { state } = await begin();
    const outcome = await complete({ code: 'c', state });
    expect(outcome).toMatchObject({ outcome: 'connected', startSync: true });
    expect(await listShops(sql)).toMatchObject([
      {
        tiktok_shop_id: '111',
        region: 'US',
        currency: 'USD',
        time_zone: '-08:00',
        status: 'active',
        sync_enabled: true,
      },
      {
        tiktok_shop_id: '222',
        region: 'ID',
        currency: 'IDR',
        time_zone: '+07:00',
        status: 'active',
        sync_enabled: true,
      },
    ]);
    expect(await counts()).toEqual({ shops: 2, grants: 1, keys: 3 });
  });

  it('stores a grant whose answer does not say whose it is, and finds it again', async () => {
    const nameless = { ...grantOf('unused'), open_id: null };
    await connect(sql, nameless, [shopOf('222'), shopOf('111')]);
    await connect(sql, nameless, [shopOf('111'), shopOf('222')]);
    expect(await counts()).toEqual({ shops: 2, grants: 1, keys: 3 });
  });

  it('lets a run go on whose shop was connected again before it came to its pause', async () => {
    const { shops } = await connect(sql, grantOf('open-1'), [shopOf('111')]);
    const shopId = shops[0]?.shopId ?? '';
    const run = {
      runId: 'run_1',
      shopId,
      stream: 'orders' as const,
      mode: 'full' as const,
      trigger: 'api' as const,
    };
    await sql.begin((tx) => insertRun(tx, { ...run, workflowId: `orderSync/${shopId}`, window: null }));
    await takeNextRun(sql, shopId, 'orders');
    const dead = { code: 'grant-revoked', title: 'Dead.', action: null, request_id: null };
    expect(await pauseRun(sql, 'run_1', 'parked', dead)).toBe('reconnected');
    expect((await loadRun(sql, 'run_1')).status).toBe('running');
    expect((await listShops(sql))[0]?.status).toBe('active');
    // While the grant is dead the run waits; a shop that TikTok refuses by itself is parked by the run.
    await sql`update credentials set status = 'revoked'`;
    expect(await pauseRun(sql, 'run_1', 'parked', dead)).toBe('paused');
    expect((await loadRun(sql, 'run_1')).status).toBe('paused');
    expect((await listShops(sql))[0]?.status).toBe('parked');
  });

  it('refuses a reload, a foreign browser, an unknown and an old state, and changes nothing', async () => {
    const { state } = await begin();
    await expect(complete({ code: 'c', state }, { binding: 'another browser' })).rejects.toMatchObject(
      invalid,
    );
    await expect(complete({ code: 'c', state: 'made-up' })).rejects.toMatchObject(invalid);
    await expect(complete({ code: 'c' })).rejects.toMatchObject(invalid);
    expect(await counts()).toEqual({ shops: 0, grants: 0, keys: 0 });
    await complete({ code: 'c', state });
    const before = await sql`select * from credentials`;
    await expect(complete({ code: 'c', state })).rejects.toMatchObject(invalid);
    expect(await sql`select * from credentials`).toEqual(before);
    const old = await begin();
    await sql`update oauth_states set expires_at = now() - interval '1 second' where used_at is null`;
    await expect(complete({ code: 'c', state: old.state })).rejects.toMatchObject(invalid);
  });

  it('lets only one of two callbacks at once through', async () => {
    const { state } = await begin();
    const both = await Promise.allSettled([complete({ code: 'c', state }), complete({ code: 'c', state })]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('stores nothing when refused, or when no shop is opened, or when the exchange fails', async () => {
    const denied = await complete({ code: 'null', error: 'auth_denied', state: (await begin()).state });
    expect(denied).toEqual({ outcome: 'refused', reason: 'The seller did not agree to the authorization.' });
    const none = { authClient: consentClient(grantOf('open-1'), []) };
    expect(await complete({ code: 'c', state: (await begin()).state }, none)).toMatchObject({
      outcome: 'refused',
    });
    const error = new ApiError({ kind: 'invalid-request', code: 'authorization-code-refused', message: 'x' });
    const failing = { authClient: { ...none.authClient, exchangeCode: () => Promise.reject(error) } };
    await expect(complete({ code: 'c', state: (await begin()).state }, failing)).rejects.toBe(error);
    expect(await counts()).toEqual({ shops: 0, grants: 0, keys: 0 });
  });

  it('keeps the choices of its beginning', async () => {
    const later = await complete({ code: 'c', state: (await begin({ sync: false })).state });
    expect(later).toMatchObject({ startSync: false, shops: [{ syncEnabled: true }, { syncEnabled: true }] });
    const other = { authClient: consentClient(grantOf('open-2'), [shopOf('333')]) };
    const choose = await complete({ code: 'c', state: (await begin({ choose: true })).state }, other);
    expect(choose).toMatchObject({ startSync: false, shops: [{ syncEnabled: false }] });
  });

  it('keeps ids, zone and choice when reconnected, and moves a shop to a new grant', async () => {
    const first = await connect(sql, grantOf('open-1'), [shopOf('111')]);
    const shopId = first.shops[0]?.shopId ?? '';
    await updateShop(sql, shopId, { timeZone: 'Europe/Berlin', syncEnabled: false });
    await parkShop(
      sql,
      shopId,
      new ApiError({ kind: 'disconnected', code: 'permission-missing', message: 'x' }),
    );
    const second = await connect(sql, grantOf('open-2'), [{ ...shopOf('111'), name: 'New name' }]);
    expect(second.shops).toMatchObject([{ shopId, isNew: false, wasParked: true, syncEnabled: false }]);
    expect(await findShop(sql, shopId)).toMatchObject({
      name: 'New name',
      time_zone: 'Europe/Berlin',
      status: 'active',
      last_error: null,
    });
    // The old grant opened nothing else: it and its key are gone.
    expect(await counts()).toEqual({ shops: 1, grants: 1, keys: 2 });
  });
});

describe('shops', () => {
  it('are found by own id, bare number and TikTok id', async () => {
    const { shops } = await connect(sql, grantOf('open-1'), [shopOf('7494123456789012345')]);
    const id = shops[0]?.shopId ?? '';
    for (const reference of [id, id.replace('shop-', ''), '7494123456789012345']) {
      expect((await findShop(sql, reference))?.id).toBe(id);
    }
    for (const reference of ['', '0', 'shop-0', '99999', "' or 1=1", '７']) {
      expect(await findShop(sql, reference)).toBeNull();
    }
    expect((await findShop(sql, id))?.access_token_expires_at).toMatch(/Z$/);
  });

  it('take IANA zones and fixed offsets only', async () => {
    const { shops } = await connect(sql, grantOf('open-1'), [shopOf('111')]);
    const id = shops[0]?.shopId ?? '';
    for (const timeZone of ['America/Los_Angeles', '+05:30', '-08:00', 'UTC']) {
      expect(await updateShop(sql, id, { timeZone })).toMatchObject({ time_zone: timeZone });
    }
    for (const timeZone of ['Mars/Base', '+25:00', '+8', '-0800', '', 'x; drop']) {
      await expect(updateShop(sql, id, { timeZone })).rejects.toThrow(TidelineError);
    }
    await expect(updateShop(sql, 'shop-0', { syncEnabled: true })).rejects.toMatchObject({ status: 404 });
  });

  it('lose their tokens with the last shop of the grant, and keep their data', async () => {
    const { shops } = await connect(sql, grantOf('open-1'), [shopOf('111'), shopOf('222')]);
    const [one, two] = shops.map((shop) => shop.shopId) as [string, string];
    await disconnectShop(sql, one);
    await disconnectShop(sql, one);
    expect(await counts()).toEqual({ shops: 2, grants: 1, keys: 3 });
    await disconnectShop(sql, two);
    expect(await counts()).toEqual({ shops: 2, grants: 0, keys: 2 });
    expect(await findShop(sql, one)).toMatchObject({ status: 'disconnected', access_token_expires_at: null });
    const again = await connect(sql, grantOf('open-1', 2), [shopOf('111')]);
    expect(again.shops).toMatchObject([{ shopId: one, isNew: false, wasParked: false }]);
  });

  it('encrypt personal fields under their own key, bound to the order', async () => {
    const { shops } = await connect(sql, grantOf('open-1'), [shopOf('111'), shopOf('222')]);
    const [one, two] = shops.map((shop) => shop.shopId) as [string, string];
    const cipher = createPersonalCipher(sql, createDataKeys(testKeyRing));
    const sealed = await cipher.encrypt(one, 'order-1', Buffer.from('Jane'));
    const open = (shopId: string, orderId: string) =>
      cipher.decrypt(shopId, orderId, sealed.dataKeyId, sealed.ciphertext);
    expect((await open(one, 'order-1')).toString()).toBe('Jane');
    await expect(open(one, 'order-2')).rejects.toMatchObject({ code: 'ciphertext-damaged' });
    await expect(open(two, 'order-1')).rejects.toMatchObject({ code: 'ciphertext-damaged' });
    expect((await cipher.encrypt(two, 'order-1', Buffer.from('x'))).dataKeyId).not.toBe(sealed.dataKeyId);
  });

  it('are opened by the right key ring only', async () => {
    await connect(sql, grantOf('open-1'), [shopOf('111')]);
    await checkKeyRing(sql, testKeyRing);
    const wrong = randomBytes(32).toString('base64');
    await expect(checkKeyRing(sql, parseKeyRing(`test:${wrong}`))).rejects.toMatchObject({
      actor: 'operator',
    });
    await expect(checkKeyRing(sql, parseKeyRing(`else:${wrong}`))).rejects.toThrow('"test" is not among');
  });
});
