import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectLink } from '../../src/api/connect-links.ts';
import { createKey, ensureFirstKey, revokeKey } from '../../src/api/keys.ts';
import { type Scope, scopes } from '../../src/api/principal.ts';
import type { Problem } from '../../src/api/problem.ts';
import { listKeys } from '../../src/db/queries/api-keys.ts';
import { addShop, environmentKey, startTestApi, type TestApi } from '../support/api.ts';
import { exampleRun } from '../support/fake-world.ts';

let api: TestApi;
let own: string;
let foreign: string;

beforeAll(async () => {
  api = await startTestApi();
  own = await addShop(api.sql);
  foreign = await addShop(api.sql, { name: 'Other Shop' });
  api.world.runs.set('run_own', exampleRun(own, { run_id: 'run_own' }));
  api.world.runs.set('run_foreign', exampleRun(foreign, { run_id: 'run_foreign' }));
});
afterAll(() => api.close());

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
}

/** Every route with the scope that it needs, read from the document that the API gives of itself. */
async function routes(): Promise<{ method: string; path: string; scope: Scope | null }[]> {
  const document = (await (await api.get('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { security: { apiKey?: [Scope] }[] }>>;
  };
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      scope: operation.security[0]?.apiKey?.[0] ?? null,
    })),
  );
}

describe('keys', () => {
  it('makes the first key once, stores no key in plain and forgets nothing it needs', async () => {
    const first = await ensureFirstKey(api.sql);
    expect(first).toMatch(/^tdl_[\w-]{49}$/);
    expect(await ensureFirstKey(api.sql)).toBeNull();
    expect((await api.get('/api/v1/shops', first)).status).toBe(200);
    const stored = JSON.stringify(await api.sql`select * from api_keys`);
    expect(stored).not.toContain(first);
    expect((await listKeys(api.sql))[0]).toMatchObject({ name: 'first key', scopes: ['admin'] });
  });

  it('makes one first key when two processes start together', async () => {
    await api.sql`delete from api_keys`;
    const keys = await Promise.all([
      ensureFirstKey(api.sql),
      ensureFirstKey(api.sql),
      ensureFirstKey(api.sql),
    ]);
    expect(keys.filter((key) => key !== null)).toHaveLength(1);
  });

  it('refuses a revoked key, and the sessions opened with it', async () => {
    const { key, id } = await createKey(api.sql, { name: 'gone', scopes: ['read'], shopIds: null });
    const signedIn = await api.send('POST', '/api/v1/session', { key }, null);
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await api.send('GET', '/api/v1/shops', undefined, null, { cookie })).status).toBe(200);
    expect(await revokeKey(api.sql, id)).toBe(true);
    expect(await revokeKey(api.sql, id)).toBe(false);
    expect((await api.get('/api/v1/shops', key)).status).toBe(401);
    expect((await api.send('GET', '/api/v1/shops', undefined, null, { cookie })).status).toBe(401);
  });

  it.each(['tdl_short', `tdl_${'a'.repeat(49)}`, 'x', 'the key of the environment2', 'a\u00e9'])(
    'refuses %s with 401 and says how to sign in',
    async (key) => {
      const response = await api.get('/api/v1/shops', encodeURIComponent(key));
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect((await problem(response)).type).toBe('urn:tideline:problem:not-signed-in');
    },
  );

  it('refuses other schemes than bearer', async () => {
    const headers = { Authorization: `Basic ${btoa(`x:${environmentKey}`)}` };
    expect((await api.app.request('/api/v1/shops', { headers })).status).toBe(401);
  });
});

describe('every route', () => {
  it('answers 401 without a key, 403 without its scope, and neither with it', async () => {
    const all = await routes();
    expect(all.length).toBeGreaterThan(25);
    const keys = new Map<Scope, string>();
    for (const scope of scopes) {
      const { key } = await createKey(api.sql, { name: scope, scopes: [scope], shopIds: null });
      keys.set(scope, key);
    }
    for (const { method, path, scope } of all) {
      if (scope === null) continue;
      const url = path.replaceAll(/\{\w+\}/g, 'nothing');
      expect([path, (await api.send(method, url, undefined, null)).status]).toEqual([path, 401]);
      for (const [held, key] of keys) {
        const { status } = await api.send(method, url, undefined, key);
        const allowed = held === scope || held === 'admin';
        expect([method, path, held, status === 403]).toEqual([method, path, held, !allowed]);
        expect(status).toBeLessThan(500);
      }
    }
  });

  it('hides shops that the key is not bound to, whatever the route', async () => {
    const { key } = await createKey(api.sql, { name: 'bound', scopes: [...scopes], shopIds: [own] });
    const bound = { shop: foreign, run_id: 'run_foreign', stream: 'orders', order_id: '1' };
    const bodies: Record<string, unknown> = {
      startSync: { stream: 'orders', mode: 'full' },
      startBackfill: { start_date: '2026-03-01', end_date: '2026-03-02' },
      changeShop: { sync_enabled: true },
      connectSellerCenter: { cookie: 'session=1', seller_id: '1' },
      changeSellerCenter: { signer: 'none' },
      writeConversionSource: { enabled: true },
      replayConversionSource: { from: '2026-11-01T00:00:00Z' },
      importWorkbook:
        '--form\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK\r\n--form--\r\n',
      writeSchedule: { every: '5m' },
      writeBrandRules: { rules: [] },
      previewBrandRules: { rules: [] },
      eraseBuyer: { buyer_id: '7494' },
    };
    const document = (await (await api.get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
    };
    let tried = 0;
    for (const [path, item] of Object.entries(document.paths)) {
      if (!/\{(shop|run_id)\}/.test(path)) continue;
      for (const [method, { operationId, parameters = [] }] of Object.entries(item)) {
        const hasDays = parameters.some(({ name }) => name === 'start_date');
        const days = hasDays ? '?start_date=2026-03-01&end_date=2026-03-02' : '';
        const url = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof bound) => bound[name]) + days;
        const isForm = operationId === 'importWorkbook';
        const headers = isForm ? { 'Content-Type': 'multipart/form-data; boundary=form' } : {};
        const response = await api.send(method.toUpperCase(), url, bodies[operationId], key, headers);
        expect([method, path, response.status]).toEqual([method, path, 404]);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(14);
    expect((await api.send('POST', '/api/sync/orders', { shop_id: foreign }, key)).status).toBe(404);
    expect((await api.get(`/api/sync/status?shop_id=${foreign}`, key)).status).toBe(404);
    const list = (await (await api.get('/api/v1/shops', key)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual([own]);
    expect((await api.get('/connect/tiktok-shop', key)).status).toBe(403);
  });
});

describe('browsers', () => {
  it('sign in with a key, get a cookie that scripts cannot read, and sign out', async () => {
    const response = await api.send('POST', '/api/v1/session', { key: environmentKey }, null);
    expect(await response.json()).toMatchObject({ scopes: ['admin'], shop_ids: null });
    const header = response.headers.get('set-cookie') ?? '';
    expect(header).toContain('HttpOnly');
    expect(header).toContain('SameSite=Lax');
    expect(header).toContain('Secure');
    const cookie = header.split(';')[0] ?? '';
    expect((await api.send('GET', '/api/v1/session', undefined, null, { cookie })).status).toBe(200);
    expect((await api.send('DELETE', '/api/v1/session', undefined, null, { cookie })).status).toBe(204);
    expect((await api.send('GET', '/api/v1/session', undefined, null, { cookie })).status).toBe(401);
  });

  it('may not use a session of the environment key once that key was changed', async () => {
    const response = await api.send('POST', '/api/v1/session', { key: environmentKey }, null);
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { dependencies } = api;
    const settings = { ...dependencies.settings, apiKey: 'another key' };
    const { createApp } = await import('../../src/api/app.ts');
    const changed = createApp({ ...dependencies, settings });
    expect((await changed.request('/api/v1/session', { headers: { cookie } })).status).toBe(401);
  });

  it('are slowed down when they guess keys', async () => {
    const { createApp } = await import('../../src/api/app.ts');
    const app = createApp(api.dependencies);
    const body = JSON.stringify({ key: 'guess' });
    const guess = () =>
      app.request('/api/v1/session', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json' },
      });
    for (let index = 0; index < 10; index += 1) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each([
    ['foreign Host', { Host: 'evil.example' }, 421],
    ['foreign Origin', { Origin: 'https://evil.example' }, 403],
    ['opaque Origin', { Origin: 'null' }, 403],
    ['Origin of another port', { Host: 'localhost:3000', Origin: 'http://localhost:4000' }, 403],
    ['own Origin', { Host: 'tideline.example', Origin: 'https://tideline.example' }, 200],
    ['loopback', { Host: 'localhost:3000', Origin: 'http://localhost:3000' }, 200],
  ])('%s', async (_, headers, status) => {
    const response = await api.send('GET', '/api/v1/shops', undefined, environmentKey, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('consent', () => {
  const begin = '/connect/tiktok-shop';

  it('goes out with a binding cookie and comes back with it', async () => {
    const out = await api.get(`${begin}?sync=false&choose=true`);
    expect(out.status).toBe(302);
    expect(out.headers.get('location')).toContain('/open/authorize');
    const cookie = out.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(out.headers.get('set-cookie')).toMatch(/HttpOnly/);
    expect(api.world.consents.at(-1)).toMatchObject({ startSync: false, choose: true });
    api.world.consentResult = { outcome: 'connected', shopIds: [own], startSync: true };
    api.world.started = [];
    const path = `${begin}/callback?code=c&state=s&app_key=k&locale=en&shop_region=US`;
    const back = await api.send('GET', path, undefined, null, { cookie });
    expect([back.status, back.headers.get('location')]).toEqual([302, '/']);
    expect(api.world.consents.at(-1)).toMatchObject({ binding: cookie.split('=')[1], code: 'c', state: 's' });
    expect(api.world.resumed).toContain(own);
    expect(JSON.stringify(api.world.log)).not.toContain('code=c');
  });

  it('starts the first full syncs of a new shop', async () => {
    api.world.consentResult = { outcome: 'connected', shopIds: [foreign], startSync: true };
    api.world.runs.delete('run_foreign');
    api.world.started = [];
    const headers = { cookie: `tideline_connect=${'b'.repeat(43)}` };
    await api.send('GET', `${begin}/callback?code=c&state=s`, undefined, null, headers);
    const first = (stream: string) => ({ shopId: foreign, stream, mode: 'full', trigger: 'connect' });
    expect(api.world.started).toEqual(['orders', 'products', 'analytics'].map(first));
  });

  it('shows a refusal on its page', async () => {
    api.world.consentResult = { outcome: 'refused', reason: 'auth denied & more' };
    const headers = { cookie: `tideline_connect=${'b'.repeat(43)}` };
    const back = await api.send('GET', `${begin}/callback?code=null&state=s`, undefined, null, headers);
    expect(back.headers.get('location')).toBe('/connect/refused?reason=auth%20denied%20%26%20more');
    expect(api.world.consents.at(-1)).toMatchObject({ code: null });
  });

  it('refuses a callback without state or from another browser', async () => {
    const headers = { cookie: `tideline_connect=${'b'.repeat(43)}` };
    expect((await api.send('GET', `${begin}/callback?code=c`, undefined, null, headers)).status).toBe(400);
    expect((await api.get(`${begin}/callback?code=c&state=s`, null)).status).toBe(400);
  });

  it('takes a one-time link once, and no stranger', async () => {
    const { url } = await createConnectLink(api.sql, 'https://tideline.example');
    const { pathname, search } = new URL(url);
    // Whoever sends the link through a chat has it looked at first.
    const preview = await api.send('HEAD', pathname + search, undefined, null);
    expect([preview.status, preview.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await api.send('POST', pathname, undefined, null)).headers.get('allow')).toBe('GET');
    expect((await api.get(pathname + search, null)).status).toBe(302);
    expect((await api.get(pathname + search, null)).status).toBe(401);
    expect((await api.get(begin, null)).status).toBe(401);
    expect((await api.get(`${begin}?link=made-up`, null)).status).toBe(401);
  });
});
