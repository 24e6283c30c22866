import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/http/request.ts';
import { type AuthClient, createAuthClient } from '../../src/sources/tiktok-shop/auth.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import type { CallLogEntry } from '../../src/sources/tiktok-shop/ports.ts';
import { sign } from '../../src/sources/tiktok-shop/signing.ts';
import { answer, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
let http: HttpClient;
let auth: AuthClient;
let log: CallLogEntry[];

const tokens = {
  access_token: 'ROW_access',
  access_token_expire_in: 1_795_000_000,
  refresh_token: 'ROW_refresh',
  refresh_token_expire_in: 4_876_502_400,
  open_id: 'open-1',
  seller_name: 'Seller',
  seller_base_region: 'US',
  user_type: 0,
  something_new: { a: 1 },
};

beforeAll(() => {
  http = createHttpClient({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 300,
    bodyTimeoutMs: 800,
    maxResponseBytes: 1_000_000,
    connectionsPerOrigin: 8,
  });
});
afterAll(() => http.close());
beforeEach(async () => {
  server = await startScriptedServer();
  log = [];
  auth = createAuthClient({
    appKey: 'key-1',
    appSecret: 'hush-secret',
    authUrl: `${server.url}/auth`,
    apiUrl: `${server.url}/prefix`,
    http,
    clock: createUpstreamClock({ wall: () => Date.now() - 86_400_000 }),
    callLog: { record: (entry) => log.push(entry) },
  });
});
afterEach(() => server.close());

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('token calls', () => {
  it('exchange a code and refresh, unsigned, with absolute expiry times beyond 2038', async () => {
    server.play(answer(0, tokens, { message: 'SUCCESS' }));
    const grant = await auth.exchangeCode('code+/1');
    expect(grant).toMatchObject({ access_token: 'ROW_access', open_id: 'open-1', granted_scopes: null });
    expect(grant.access_token_expire_in.getTime()).toBe(1_795_000_000_000);
    expect(grant.refresh_token_expire_in.toISOString()).toBe('2124-07-13T00:00:00.000Z');
    await auth.refresh('ROW_old');
    expect(server.received.map(({ method, path, query }) => ({ method, path, query }))).toEqual([
      {
        method: 'GET',
        path: '/auth/api/v2/token/get',
        query: {
          app_key: 'key-1',
          app_secret: 'hush-secret',
          auth_code: 'code+/1',
          grant_type: 'authorized_code',
        },
      },
      {
        method: 'GET',
        path: '/auth/api/v2/token/refresh',
        query: {
          app_key: 'key-1',
          app_secret: 'hush-secret',
          refresh_token: 'ROW_old',
          grant_type: 'refresh_token',
        },
      },
    ]);
    expect(log.map(({ path, outcome }) => `${path} ${outcome}`)).toEqual([
      '/api/v2/token/get ok',
      '/api/v2/token/refresh ok',
    ]);
  });

  it.each([
    [answer(36004004), 'disconnected'],
    [answer(105004, null, { status: 401 }), 'disconnected'],
    [answer(987654, null, { message: 'refresh token expired' }), 'disconnected'],
    [answer(36009003), 'transient'],
    [answer(36009007, null, { status: 504 }), 'transient'],
    [answer(36009002, null, { status: 429 }), 'rate-limited'],
    [answer(987654, null, { status: 503 }), 'transient'],
    [answer(36009004, null, { status: 400, message: 'Invalid app_key' }), 'configuration'],
    [answer(987654, null, { message: 'app_secret is wrong' }), 'configuration'],
    [answer(36009033, null, { status: 403 }), 'configuration'],
    [answer(0, { ...tokens, refresh_token: '' }), 'invalid-response'],
    [answer(0, null), 'invalid-response'],
  ])('judge a refused refresh (%#)', async (step, kind) => {
    server.play(step);
    expect(await failure(auth.refresh('ROW_old'))).toMatchObject({ kind, requestId: 'req-1' });
  });

  it('ask the person who connects when the code is used up', async () => {
    server.play(answer(36004004, null, { message: 'auth code invalid' }));
    const error = await failure(auth.exchangeCode('c'));
    expect(error).toMatchObject({
      kind: 'invalid-request',
      code: 'authorization-code-refused',
      actor: 'user',
      status: 400,
    });
  });

  it('keep secrets out of errors and the log', async () => {
    for (const step of [
      () => undefined,
      answer(987654),
      answer(0, { ...tokens, open_id: 5 }),
      answer(0, { ...tokens, access_token_expire_in: 'soon' }),
    ]) {
      server.play(step);
      const error = await failure(auth.refresh('ROW_old-token'));
      const shown = `${error.stack} ${JSON.stringify(error)} ${error.cause} ${JSON.stringify(log)}`;
      for (const secret of ['hush-secret', 'ROW_', 'key-1']) expect(shown).not.toContain(secret);
    }
  });

  it('list authorized shops: signed without the prefix, without cipher, by the time that the first answer told', async () => {
    const shop = { id: '7494', name: 'Shop', region: 'US', seller_type: 'LOCAL', cipher: 'c', code: 'X' };
    server.play((response, received, request) => {
      const age = Date.now() / 1000 - Number(received.query.timestamp);
      const step =
        age < 300
          ? answer(0, { shops: [shop] })
          : answer(36009004, null, { status: 400, message: 'Invalid timestamp' });
      step(response, received, request);
    });
    expect(await auth.authorizedShops('ROW_access')).toEqual([shop]);
    const [, received] = server.received;
    expect(received?.path).toBe('/prefix/authorization/202309/shops');
    expect(received?.headers['x-tts-access-token']).toBe('ROW_access');
    expect(Object.keys(received?.query ?? {}).sort()).toEqual(['app_key', 'sign', 'timestamp']);
    const path = '/authorization/202309/shops';
    const expected = sign({
      appSecret: 'hush-secret',
      path,
      query: received?.query ?? {},
      contentType: 'application/json',
      body: null,
    });
    expect(received?.query.sign).toBe(expected);
    server.play(answer(0, {}));
    expect(await auth.authorizedShops('ROW_access')).toEqual([]);
  });
});
