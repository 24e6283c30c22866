import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { TestClient } from '../testing/client.ts';

const search = '/order/202309/orders/search';
let simulator: RunningSimulator;
let client: TestClient;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 250, shops: 3, sellers: 2, seed: 3 });
  client = await TestClient.connect(simulator);
});
afterAll(() => simulator.stop());

describe('order of checks', () => {
  const spoilers: [string, number, number, (query: URLSearchParams) => void][] = [
    ['app key', 400, 36009004, (query) => query.set('app_key', 'nobody')],
    [
      'timestamp too old',
      400,
      36009004,
      (query) => query.set('timestamp', String(Math.floor(Date.now() / 1000) - 310)),
    ],
    [
      'timestamp ahead',
      400,
      36009004,
      (query) => query.set('timestamp', String(Math.floor(Date.now() / 1000) + 40)),
    ],
    ['no timestamp', 400, 36009004, (query) => query.delete('timestamp')],
    ['no signature', 400, 36009004, (query) => query.delete('sign')],
    ['wrong signature', 401, 106001, (query) => query.set('sign', 'f'.repeat(64))],
    ['a value changed after signing', 401, 106001, (query) => query.set('page_size', '10')],
  ];
  it.each(spoilers)('%s', async (_, status, code, spoil) => {
    const result = await client.call(search, {
      body: '{}',
      query: { page_size: '20' },
      token: 'nonsense',
      spoil,
    });
    expect([result.status, result.code]).toEqual([status, code]);
    expect(result.message).not.toBe('');
    expect(result.text).toContain('"request_id":"');
  });

  it('looks at the token after the signature, and at the cipher after the token', async () => {
    expect(await client.call(search, { body: '{}', token: 'nonsense', cipher: null })).toMatchObject({
      status: 401,
      code: 36009004,
    });
    expect(await client.call(search, { body: '{}', token: null })).toMatchObject({
      status: 401,
      code: 36009004,
    });
    expect(await client.call(search, { body: '{}', cipher: null })).toMatchObject({ code: 106013 });
    expect(await client.call(search, { body: '{}', cipher: 'ROW_nobody' })).toMatchObject({
      status: 400,
      code: 36009004,
    });
  });

  it('refuses a cipher where none is wanted and a shop of another grant', async () => {
    const shops = (await client.control('GET', '/shops')).shops as { cipher: string; seller: number }[];
    const foreign = shops.find((shop) => shop.seller === 1)?.cipher ?? '';
    expect(await client.call(search, { body: '{}', cipher: foreign })).toMatchObject({ code: 101000 });
    expect(await client.call('/authorization/202309/shops')).toMatchObject({ code: 36009004 });
  });

  it('answers unknown paths and methods', async () => {
    expect(await client.call('/order/202309/nothing')).toMatchObject({ status: 404, code: 36009009 });
    const wrong = await client.call(search, { method: 'GET' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('checks parameters last', async () => {
    expect(await client.search({}, { page_size: '0' })).toMatchObject({ status: 200, code: 12019109 });
    expect(await client.search({}, { page_size: '101' })).toMatchObject({ code: 12019109 });
    expect(await client.search({}, { sort_field: 'price' })).toMatchObject({ status: 400, code: 36009004 });
    expect(await client.search({ order_status: 'LOST' })).toMatchObject({ code: 36009004 });
    expect(await client.search({ create_time_ge: 20, create_time_lt: 10 })).toMatchObject({ code: 12019118 });
    expect(await client.search({ update_time_ge: '20' })).toMatchObject({ code: 12019119 });
    expect(await client.call(search, { body: '{broken' })).toMatchObject({ status: 400, code: 36009022 });
    expect(await client.search({}, { page_token: 'bm9uc2Vuc2U=' })).toMatchObject({ code: 98001004 });
    const many = Array.from({ length: 51 }, (_, nth) => String(nth)).join(',');
    expect(await client.call('/order/202507/orders', { query: { ids: many } })).toMatchObject({
      code: 12019120,
    });
  });
});

describe('tokens', () => {
  it('uses a code once, rotates refresh tokens, and speaks of 2124', async () => {
    const own = await TestClient.connect(simulator);
    const old = own.refreshToken;
    const refreshed = await own.token('refresh', { refresh_token: old, grant_type: 'refresh_token' });
    expect(refreshed.data).toMatchObject({ refresh_token_expire_in: 4_870_000_000, user_type: 0 });
    expect(String(refreshed.data.access_token).length).toBeGreaterThan(100);
    expect(await own.token('refresh', { refresh_token: old, grant_type: 'refresh_token' })).toMatchObject({
      status: 200,
      code: 36004005,
    });
    expect(await own.token('get', { auth_code: 'used', grant_type: 'authorized_code' })).toMatchObject({
      code: 36004004,
    });
  });

  it('expires and revokes', async () => {
    const own = await TestClient.connect(simulator);
    await own.control('POST', '/grants/0/expire-access', {});
    expect(await own.search()).toMatchObject({ status: 200, code: 105002 });
    await own.control('POST', '/settings', { expired_token_status: 401 });
    expect(await own.search()).toMatchObject({ status: 401, code: 105002 });
    await own.token('refresh', { refresh_token: own.refreshToken, grant_type: 'refresh_token' });
    expect((await own.search()).code).toBe(0);
    await own.control('POST', '/grants/0/revoke', {});
    expect(await own.search()).toMatchObject({ status: 401, code: 36009004 });
    expect(
      await own.token('refresh', { refresh_token: own.refreshToken, grant_type: 'refresh_token' }),
    ).toMatchObject({ code: 36004005 });
    client = await TestClient.connect(simulator);
    expect((await client.search()).code).toBe(0);
  });

  it('shows a consent page, and sends a refusal back', async () => {
    const url = `${simulator.url}/open/authorize?service_id=${simulator.app.serviceId}&state=%22%3Cb`;
    const html = await (await fetch(url)).text();
    expect(html).toContain('Tideline Simulated Shop 1');
    expect(html).not.toContain('"<b');
    const body = new URLSearchParams({ service_id: simulator.app.serviceId, state: 's1', answer: 'deny' });
    const denied = await fetch(`${simulator.url}/open/authorize`, {
      method: 'POST',
      body,
      redirect: 'manual',
    });
    expect(denied.status).toBe(302);
    expect(denied.headers.get('location')).toBe(
      'http://127.0.0.1:9/callback?code=null&error=auth_denied&state=s1',
    );
  });
});

describe('limits', () => {
  it('throttles by shop and endpoint, with Retry-After or inside a 200', async () => {
    await client.control('POST', '/settings', { rate_limit: 1, burst: 2, retry_after: 'seconds' });
    const answers = await Promise.all([client.search(), client.search(), client.search()]);
    const refused = answers.find((answer) => answer.code !== 0);
    expect([refused?.status, refused?.code, refused?.headers.get('retry-after')]).toEqual([
      429,
      36009002,
      '1',
    ]);
    expect((await client.call('/order/202309/orders', { query: { ids: '1' } })).code).toBe(0);
    await client.control('POST', '/settings', { throttle_in_body: true });
    await client.search();
    const inBody = await client.search();
    expect([inBody.status, inBody.code]).toEqual([200, 36009002]);
    await client.control('POST', '/settings', { rate_limit: 0, throttle_in_body: false });
  });

  it('keeps an hourly quota and a clock of its own', async () => {
    await client.control('POST', '/settings', { hourly_quota: 1 });
    await client.search();
    expect(await client.search()).toMatchObject({ status: 429, code: 36009037 });
    await client.control('POST', '/settings', { hourly_quota: 0, clock_offset_ms: 3_600_000 });
    const shifted = await client.search();
    expect(shifted.message).toContain('earlier than 5 minutes');
    const ahead = Date.parse(shifted.headers.get('date') ?? '') - Date.now();
    expect(Math.abs(ahead - 3_600_000)).toBeLessThan(5_000);
    await client.control('POST', '/settings', { clock_offset_ms: 0 });
  });
});
