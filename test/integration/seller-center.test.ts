import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient, HttpRequest } from '../../src/http/request.ts';
import { createSellerCenterControl } from '../../src/seller-center/control.ts';
import { createSellerCenter } from '../../src/seller-center/index.ts';
import type { SellerCenterConfig } from '../../src/seller-center/settings.ts';
import { disconnectShop } from '../../src/shops/shops.ts';
import { item, type Played, pageOf } from '../../src/sources/seller-center/testing/played-seller-center.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

const secret = 'the-secret-of-the-session';
const cookie = `sessionid_tiktokseller=${secret}; s_v_web_id=verify_x_1; SHOP_ID=7495000000000000001`;
const lastPage = pageOf([item('1', '19.90', '2')], { has_more: false, total: 1 });
const loggedOut: Played = { body: { code: 98_001_002, message: 'must log in' } };
const check: Played = { headers: { 'bdturing-verify': '1' }, body: { code: 10_000 } };
const environment: SellerCenterConfig = {
  ...{
    baseUrl: null,
    signerFolder: '/nowhere/signers',
    signer: 'none',
    profile: 'seed-5.1.1',
    session: null,
  },
};

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.close());

async function connectedShop(fields: Record<string, string> = {}): Promise<string> {
  const shopId = await addShop(api.sql, fields);
  await api.sql.begin(async (tx) => {
    const { dataKeyId } = await api.dataKeys.create(tx);
    await tx`update shops set data_key_id = ${dataKeyId} where shop_id = ${shopId}`;
  });
  return shopId;
}

/** The source with an upstream that answers by a script. */
function sourceOf(
  script: Played[],
  config = environment,
  beforeAnswer = async (): Promise<void> => undefined,
) {
  const requests: HttpRequest[] = [];
  const http: HttpClient = {
    async request(request) {
      requests.push(request);
      await beforeAnswer();
      const {
        status = 200,
        headers = {},
        body = '',
      } = (script.length > 1 ? script.shift() : script[0]) ?? {};
      return { status, headers, body: Buffer.from(JSON.stringify(body)) };
    },
    close: async () => undefined,
  };
  const callLog = { record: () => undefined };
  const source = createSellerCenter({
    sql: api.sql,
    dataKeys: api.dataKeys,
    http,
    callLog,
    config,
    gapMs: 1,
  });
  const { signal } = new AbortController();
  return {
    requests,
    read: (shopId: string) => source.readDay({ shopId, runId: null, date: '2026-03-08', signal }),
  };
}

const pathOf = (shopId: string) => `/api/v1/shops/${shopId}/seller_center`;

async function call(method: string, path: string, body?: unknown) {
  const response = await api.send(method, path, body);
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? null : JSON.parse(text) };
}

describe('the seller-center connection of a shop', () => {
  it('is off until its owner hands over a session, which is sealed and never shown', async () => {
    const shopId = await connectedShop();
    const { require } = api.dependencies.sellerCenter;
    expect((await call('GET', pathOf(shopId))).body).toMatchObject({ status: 'off', seller_id: null });
    await expect(require(shopId)).rejects.toMatchObject({ status: 409, code: 'seller-center-not-connected' });
    const connected = await call('POST', pathOf(shopId), { cookie });
    expect(connected).toMatchObject({
      status: 200,
      body: {
        ...{ status: 'active', seller_id: '7495000000000000001', signer: 'none', dialect: 'v2' },
        ...{ base_url: 'https://seller-us.tiktok.com', from_environment: false, last_error: null },
      },
    });
    await require(shopId);
    const [row] = await api.sql`select * from seller_center_connections where shop_id = ${shopId}`;
    const stored = JSON.stringify(row, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value).toString('latin1') : value,
    );
    const audit = JSON.stringify(await api.sql`select * from audit_log`);
    for (const text of [connected.text, stored, audit, api.world.log.join('\n')]) {
      expect(text).not.toContain(secret);
    }
  });

  it('keeps what is not given anew, and forgets all of it at the end', async () => {
    const shopId = await connectedShop({ region: 'GB' });
    await call('POST', pathOf(shopId), {
      cookie,
      seller_id: '77',
      fp: 'verify_own',
      signer: 'builtin',
      locale: 'th-TH',
    });
    const changed = await call('PATCH', pathOf(shopId), {
      path: '/api/v3/insights/seller/ttp/product/list',
      profile: 'seller-5.1.0',
      signer_settings: { canvas: 3_000_000_001 },
    });
    expect(changed.body).toMatchObject({
      ...{ dialect: 'v3', signer: 'builtin', locale: 'th-TH', seller_id: '77', profile: 'seller-5.1.0' },
      ...{ signer_settings: { envcode: null, ubcode: null, canvas: 3_000_000_001 } },
      base_url: 'https://seller-uk.tiktok.com',
    });
    const again = await call('POST', pathOf(shopId), { cookie, base_url: 'https://seller.example.com/' });
    expect(again.body).toMatchObject({
      ...{ dialect: 'v3', signer: 'builtin', base_url: 'https://seller.example.com' },
      ...{ seller_id: '7495000000000000001', signer_settings: { canvas: 3_000_000_001 } },
    });
    expect((await call('DELETE', pathOf(shopId))).status).toBe(204);
    expect((await call('DELETE', pathOf(shopId))).status).toBe(204);
    expect((await call('GET', pathOf(shopId))).body).toMatchObject({ status: 'off', signer: null });
    expect((await call('PATCH', pathOf(shopId), { signer: 'none' })).status).toBe(409);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an empty cookie', { cookie: '' }],
    ['a cookie that is none', { cookie: 'please', seller_id: '1' }],
    ['a header smuggled in', { cookie: 'a=b\r\nX-Other: 1', seller_id: '1' }],
    ['a seller that nothing names', { cookie: 'a=b' }],
    ['a seller that is no number', { cookie, seller_id: '12; drop table' }],
    ['an unknown field', { cookie, confirm: true }],
    ['plain http beyond this machine', { cookie, base_url: 'http://seller.example.com' }],
    ['an address with a password', { cookie, base_url: 'https://a:b@seller.example.com' }],
    ['another protocol', { cookie, base_url: 'file:///etc/passwd' }],
    ['a path elsewhere', { cookie, path: '/../../admin' }],
    ['a signer that is not there', { cookie, signer: 'missing.mjs' }],
    ['a signer outside the folder', { cookie, signer: '/etc/hostname' }],
    ['an unknown profile', { cookie, profile: 'seed-9' }],
    ['a canvas that no token can hold', { cookie, signer_settings: { canvas: 2 ** 32 } }],
    ['a user agent with a line break', { cookie, user_agent: 'a\nb' }],
    ['a cookie of a megabyte', { cookie: `a=${'b'.repeat(1_000_000)}` }],
  ])('refuses %s and stores nothing', async (_name, body) => {
    const shopId = await connectedShop();
    const { status, text } = await call('POST', pathOf(shopId), body);
    expect(status).toBe(400);
    expect(text).not.toContain(secret);
    expect((await call('GET', pathOf(shopId))).body.status).toBe('off');
  });

  it('belongs to admins, and ends with the connection of the shop', async () => {
    const shopId = await connectedShop();
    const { body: key } = await call('POST', '/api/v1/api_keys', {
      name: 'reader',
      scopes: ['read', 'sync', 'write'],
    });
    expect((await api.send('POST', pathOf(shopId), { cookie }, key.key)).status).toBe(403);
    await call('POST', pathOf(shopId), { cookie });
    await disconnectShop(api.sql, shopId);
    expect(await api.sql`select 1 from seller_center_connections where shop_id = ${shopId}`).toHaveLength(0);
    expect((await call('POST', pathOf(shopId), { cookie })).status).toBe(409);
  });
});

describe('reading with the session', () => {
  it('asks the seller center of the shop, for the days of its region', async () => {
    const shopId = await connectedShop({ region: 'TH', time_zone: '+07:00' });
    await call('POST', pathOf(shopId), { cookie });
    const { requests, read } = sourceOf([lastPage]);
    expect((await read(shopId)).products).toEqual([
      expect.objectContaining({ productId: '1', gmv: '19.90' }),
    ]);
    expect(requests[0]?.url.origin).toBe('https://seller-th.tiktok.com');
    expect(requests[0]?.headers?.cookie).toBe(cookie);
    expect(requests[0]?.body?.toString()).toContain('"timezone_offset":25200');
  });

  it.each([
    ['an expired session', loggedOut, 'seller-center-session-expired'],
    ['a human check', check, 'seller-center-human-check'],
  ])('stops at %s until another session is handed over', async (_name, answer, code) => {
    const shopId = await connectedShop();
    await call('POST', pathOf(shopId), { cookie });
    const { requests, read } = sourceOf([answer]);
    await expect(read(shopId)).rejects.toMatchObject({ code, actor: 'user' });
    await expect(read(shopId)).rejects.toMatchObject({
      code,
      status: 409,
      action: expect.stringContaining('cookie'),
    });
    expect(requests).toHaveLength(1);
    expect((await call('GET', pathOf(shopId))).body).toMatchObject({
      status: 'parked',
      last_error: { code },
    });
    await expect(api.dependencies.sellerCenter.require(shopId)).rejects.toMatchObject({ code, status: 409 });
    await call('PATCH', pathOf(shopId), { locale: 'en-US' });
    expect((await call('GET', pathOf(shopId))).body.status).toBe('parked');
    await call('POST', pathOf(shopId), { cookie: `${cookie}; renewed=1` });
    expect((await call('GET', pathOf(shopId))).body).toMatchObject({ status: 'active', last_error: null });
    expect((await sourceOf([lastPage]).read(shopId)).products).toHaveLength(1);
  });

  it('does not park a session that was handed over while the old one failed', async () => {
    const shopId = await connectedShop();
    await call('POST', pathOf(shopId), { cookie });
    const old = sourceOf([loggedOut], environment, async () => {
      await call('POST', pathOf(shopId), { cookie: `${cookie}; renewed=1` });
    });
    await expect(old.read(shopId)).rejects.toMatchObject({ code: 'seller-center-session-expired' });
    expect((await call('GET', pathOf(shopId))).body).toMatchObject({ status: 'active', last_error: null });
  });

  it('does not park what only the signer has broken', async () => {
    const shopId = await connectedShop();
    await call('POST', pathOf(shopId), { cookie });
    await api.sql`update seller_center_connections set signer = 'gone.mjs' where shop_id = ${shopId}`;
    const { requests, read } = sourceOf([lastPage]);
    await expect(read(shopId)).rejects.toMatchObject({ code: 'seller-center-signer-unloadable' });
    expect(requests).toHaveLength(0);
    expect((await call('GET', pathOf(shopId))).body.status).toBe('active');
  });
});

describe('the session of the environment', () => {
  const given = {
    ...environment,
    session: { cookie },
    baseUrl: 'https://stand-in.example.com',
    signer: 'builtin',
  };

  it('serves the only shop, and no shop of several', async () => {
    const alone = await startTestApi();
    const all = api;
    api = alone;
    try {
      const shopId = await connectedShop();
      const control = createSellerCenterControl({ sql: alone.sql, dataKeys: alone.dataKeys, config: given });
      expect(await control.read(shopId)).toMatchObject({
        ...{
          status: 'active',
          from_environment: true,
          signer: 'builtin',
          base_url: 'https://stand-in.example.com',
        },
      });
      const dead = sourceOf([loggedOut], given);
      await expect(dead.read(shopId)).rejects.toMatchObject({ code: 'seller-center-session-expired' });
      // The same session again is no new one; another is.
      expect(await control.read(shopId)).toMatchObject({ status: 'parked' });
      const renewed = { ...given, session: { cookie: `${cookie}; renewed=1` } };
      const { requests, read } = sourceOf([lastPage], renewed);
      await read(shopId);
      expect(requests[0]?.url.search).toMatch(/&X-Bogus=[^&]{28}&X-Gnarly=[^&]{300}$/);

      // What a person hands over stays.
      await control.connect(shopId, { cookie: 'own=1', sellerId: '5' }, {});
      expect(await control.read(shopId)).toMatchObject({ from_environment: false, seller_id: '5' });
      await control.disconnect(shopId);
      await connectedShop();
      expect(await control.read(shopId)).toMatchObject({ status: 'off' });
    } finally {
      api = all;
      await alone.close();
    }
  });
});
