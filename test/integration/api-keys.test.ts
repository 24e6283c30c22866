import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { RateLimit } from '../../src/api/rate-limit.ts';
import { networkOf } from '../../src/api/remote-address.ts';
import type { ApiKey } from '../../src/db/queries/api-keys.ts';
import type { AuditEntry } from '../../src/db/queries/audit-log.ts';
import { addShop, environmentKey, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let own: string;
let foreign: string;

beforeAll(async () => {
  api = await startTestApi();
  own = await addShop(api.sql);
  foreign = await addShop(api.sql, { name: 'Other Shop' });
});
afterAll(() => api.close());

const path = '/api/v1/api_keys';

async function make(body: object, key?: string): Promise<ApiKey & { key: string }> {
  const response = await api.send('POST', path, body, key);
  expect(response.status).toBe(201);
  return (await response.json()) as ApiKey & { key: string };
}

async function list<Item>(url: string, key?: string): Promise<Item[]> {
  const response = await api.get(url, key);
  expect([url, response.status]).toEqual([url, 200]);
  return ((await response.json()) as { data: Item[] }).data;
}

const audit = (query = '') => list<AuditEntry>(`/api/v1/audit_log${query}`);

async function signIn(key: string): Promise<string> {
  const response = await api.send('POST', '/api/v1/session', { key }, null);
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('keys over the API', () => {
  it('are made with scopes and shops, shown once, listed without their secret, and revoked', async () => {
    const made = await make({ name: 'reporting', scopes: ['read'], shops: [own.replace('shop-', '')] });
    expect(made).toMatchObject({ name: 'reporting', scopes: ['read'], shops: [own], expires_at: null });
    expect(made.key).toMatch(/^tdl_/);
    expect((await api.get(`/api/v1/shops/${own}`, made.key)).status).toBe(200);
    expect((await api.get(`/api/v1/shops/${foreign}`, made.key)).status).toBe(404);
    const listed = await api.get(path);
    expect(await listed.text()).not.toContain(made.key.slice(4));
    const cookie = await signIn(made.key);
    expect((await api.send('DELETE', `${path}/${made.id}`)).status).toBe(204);
    expect((await api.send('DELETE', `${path}/${made.id}`)).status).toBe(404);
    expect((await api.get('/api/v1/shops', made.key)).status).toBe(401);
    expect((await api.send('GET', '/api/v1/shops', undefined, null, { cookie })).status).toBe(401);
    const revoked = (await list<ApiKey>(path)).find(({ id }) => id === made.id);
    expect(revoked?.revoked_at).not.toBeNull();
  });

  it.each<[string, object, string]>([
    ['no name', { scopes: ['read'] }, 'name'],
    ['empty name', { name: '', scopes: ['read'] }, 'name'],
    ['control characters', { name: 'a\u001b[2J', scopes: ['read'] }, 'name'],
    ['no scopes', { name: 'x', scopes: [] }, 'scopes'],
    ['unknown scope', { name: 'x', scopes: ['root'] }, 'scopes.0'],
    ['no shops', { name: 'x', scopes: ['read'], shops: [] }, 'shops'],
    ['shops as text', { name: 'x', scopes: ['read'], shops: 'shop-1' }, 'shops'],
    ['past end', { name: 'x', scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['end without zone', { name: 'x', scopes: ['read'], expires_at: '2099-01-01T00:00:00' }, 'expires_at'],
    ['a key of its own', { name: 'x', scopes: ['read'], key: 'tdl_mine' }, 'key'],
  ])('refuses %s', async (_, body, place) => {
    const response = await api.send('POST', path, body);
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect([response.status, errors.map((error) => error.path)]).toEqual([400, [place]]);
  });

  it('knows no unknown shop', async () => {
    const body = { name: 'x', scopes: ['read'], shops: ['shop-999'] };
    expect((await api.send('POST', path, body)).status).toBe(404);
  });

  it('end when their time is over, and their sessions with them', async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const { key, id } = await make({ name: 'short', scopes: ['read'], expires_at });
    const cookie = await signIn(key);
    await api.sql`update api_keys set expires_at = now() - interval '1 second' where api_key_id = ${id}`;
    expect((await api.get('/api/v1/shops', key)).status).toBe(401);
    expect((await api.send('GET', '/api/v1/shops', undefined, null, { cookie })).status).toBe(401);
    expect((await api.send('POST', '/api/v1/session', { key }, null)).status).toBe(401);
  });

  it('bound to shops make, see and revoke keys of these shops only', async () => {
    const bound = await make({ name: 'bound admin', scopes: ['admin'], shops: [own] });
    const stranger = await make({ name: 'stranger', scopes: ['read'], shops: [foreign] });
    const everywhere = await make({ name: 'everywhere', scopes: ['read'] });
    const child = await make({ name: 'child', scopes: ['admin'] }, bound.key);
    expect(child.shops).toEqual([own]);
    const foreignShops = { name: 'x', scopes: ['read'], shops: [foreign] };
    expect((await api.send('POST', path, foreignShops, bound.key)).status).toBe(404);
    const ids = (await list<ApiKey>(path, bound.key)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([bound.id, child.id]));
    for (const { id } of [stranger, everywhere]) {
      expect(ids).not.toContain(id);
      expect((await api.send('DELETE', `${path}/${id}`, undefined, bound.key)).status).toBe(404);
    }
    expect((await api.get('/api/v1/audit_log', bound.key)).status).toBe(403);
    expect((await api.send('DELETE', `${path}/${child.id}`, undefined, bound.key)).status).toBe(204);
  });

  it('without the scope admin see themselves only', async () => {
    const { key, id } = await make({ name: 'reader', scopes: ['read'] });
    expect((await list<ApiKey>(path, key)).map((one) => one.id)).toEqual([id]);
    expect((await api.send('DELETE', `${path}/${id}`, undefined, key)).status).toBe(403);
  });

  it('are listed page by page', async () => {
    const all = (await list<ApiKey>(`${path}?limit=500`)).map(({ id }) => id);
    const seen: string[] = [];
    for (let cursor = ''; cursor !== 'null'; ) {
      const response = await api.get(`${path}?limit=2&with_total=true${cursor && `&cursor=${cursor}`}`);
      const page = (await response.json()) as { data: ApiKey[]; next_cursor: string | null; total: number };
      expect(page.total).toBe(all.length);
      seen.push(...page.data.map(({ id }) => id));
      cursor = String(page.next_cursor);
    }
    expect(seen).toEqual(all);
  });
});

describe('an Idempotency-Key', () => {
  it('makes one key, tells it twice, and leaves nothing readable behind', async () => {
    const headers = { 'Idempotency-Key': 'make-one' };
    const body = { name: 'once', scopes: ['read'] };
    const first = await (await api.send('POST', path, body, environmentKey, headers)).text();
    const again = await api.send('POST', path, body, environmentKey, headers);
    expect([again.status, await again.text()]).toEqual([201, first]);
    expect((await list<ApiKey>(path)).filter(({ name }) => name === 'once')).toHaveLength(1);
    const { key } = JSON.parse(first) as { key: string };
    const kept = await api.sql<{ sealed_body: Buffer }[]>`select sealed_body from idempotency_keys`;
    expect(kept.length).toBeGreaterThan(0);
    for (const { sealed_body } of kept)
      expect(sealed_body.toString('latin1')).not.toContain(key.slice(4, 20));
  });

  it('belongs to the key that sent it', async () => {
    const other = await make({ name: 'other', scopes: ['admin'] });
    const headers = { 'Idempotency-Key': 'shared' };
    const one = await api.send('POST', path, { name: 'a', scopes: ['read'] }, environmentKey, headers);
    const two = await api.send('POST', path, { name: 'b', scopes: ['read'] }, other.key, headers);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.headers.get('idempotent-replay')).toBeNull();
  });
});

describe('the audit log', () => {
  it('has every change with who, what and how it ended, and nothing that was sent', async () => {
    const { key, id } = await make({ name: 'Anna Example', scopes: ['sync'] });
    const headers = { 'X-Request-Id': 'request-of-the-test' };
    await api.send('PATCH', `/api/v1/shops/${own}`, { time_zone: '+01:00' }, environmentKey, headers);
    await api.send('PATCH', `/api/v1/shops/${own}`, { time_zone: 'Mars' });
    await api.send('PATCH', `/api/v1/shops/${own}`, { time_zone: '+02:00' }, key);
    await api.get('/api/v1/shops');
    const [denied, malformed, changed, made] = await audit('?limit=4');
    expect(made).toMatchObject({ action: 'createApiKey', object: { id }, outcome: 'done', status: 201 });
    expect(changed).toMatchObject({
      actor: 'environment',
      key_id: null,
      action: 'changeShop',
      object: { shop: own },
      outcome: 'done',
      status: 200,
      request_id: 'request-of-the-test',
    });
    expect(malformed).toMatchObject({ outcome: 'refused', status: 400 });
    expect(denied).toMatchObject({ actor: 'key', key_id: id, outcome: 'refused', status: 403 });
    const text = JSON.stringify(await audit());
    expect(text).not.toContain('Anna');
    expect(text).not.toContain('Mars');
  });

  it('leaves out of a path what is no id', async () => {
    await api.send('PATCH', '/api/v1/shops/anna%40example.com', { sync_enabled: true });
    expect((await audit('?limit=1'))[0]).toMatchObject({ action: 'changeShop', object: {}, status: 404 });
  });

  it('has sign-ins, sign-outs and refused keys, a repeated one once', async () => {
    const cookie = await signIn(environmentKey);
    await api.send('DELETE', '/api/v1/session', undefined, null, { cookie });
    await api.send('POST', '/api/v1/session', { key: 'wrong' }, null);
    for (let nth = 0; nth < 3; nth += 1) await api.get('/api/v1/shops', 'wrong too');
    const entries = await audit('?limit=4');
    expect(entries.map(({ action, outcome, actor }) => [action, outcome, actor])).toEqual([
      ['authenticate', 'refused', 'nobody'],
      ['signIn', 'refused', 'nobody'],
      ['signOut', 'done', 'environment'],
      ['signIn', 'done', 'environment'],
    ]);
  });

  it('is filtered, and paged while it grows', async () => {
    const all = await audit('?limit=500');
    const signIns = await audit('?action=signIn&outcome=refused');
    expect(signIns.length).toBeGreaterThan(0);
    expect(signIns.every(({ action, outcome }) => action === 'signIn' && outcome === 'refused')).toBe(true);
    expect(await audit('?to=2020-01-01T00:00:00Z')).toEqual([]);
    const first = (await (await api.get('/api/v1/audit_log?limit=3')).json()) as { next_cursor: string };
    await make({ name: 'meanwhile', scopes: ['read'] });
    const rest = await audit(`?limit=500&cursor=${first.next_cursor}`);
    expect(rest.map(({ id }) => id)).toEqual(all.slice(3).map(({ id }) => id));
    expect((await api.get(`/api/v1/audit_log?outcome=done&cursor=${first.next_cursor}`)).status).toBe(400);
  });

  it('has an entry before the change: without it nothing is done', async () => {
    await api.sql`alter table audit_log rename to audit_log_away`;
    const response = await api.send('PATCH', `/api/v1/shops/${own}`, { time_zone: '+03:00' });
    await api.sql`alter table audit_log_away rename to audit_log`;
    expect(response.status).toBe(500);
    const shop = (await (await api.get(`/api/v1/shops/${own}`)).json()) as { time_zone: string };
    expect(shop.time_zone).not.toBe('+03:00');
  });

  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::5', '2001:db8:0::/48'],
    ['something', 'unknown'],
  ])('keeps the network of %s, not the address', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the log of upstream calls', () => {
  it('is filtered by shop, run, outcome and time, and shows a bound key its shops only', async () => {
    const call = { method: 'POST', path: '/order/202309/orders/search', attempt: 1, duration_ms: 12 };
    await api.sql`insert into api_calls ${api.sql([
      { ...call, at: '2026-01-01T00:00:00Z', shop_id: own, run_id: 'run_a', outcome: 'ok', code: 0 },
      { ...call, at: '2026-01-02T00:00:00Z', shop_id: foreign, run_id: 'run_b', outcome: 'ok', code: 0 },
      {
        ...call,
        at: '2026-01-03T00:00:00Z',
        shop_id: own,
        run_id: 'run_a',
        outcome: 'rate-limited',
        code: 36009003,
      },
      { ...call, at: '2026-01-04T00:00:00Z', shop_id: null, run_id: null, outcome: 'ok', code: 0 },
    ])}`;
    const days = async (query: string, key?: string) =>
      (await list<{ at: string }>(`/api/v1/api_calls${query}`, key)).map(({ at }) => at.slice(9, 10));
    expect(await days('')).toEqual(['4', '3', '2', '1']);
    expect(await days(`?shop_id=${own}`)).toEqual(['3', '1']);
    expect(await days('?run_id=run_b')).toEqual(['2']);
    expect(await days('?outcome=rate-limited')).toEqual(['3']);
    expect(await days('?from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z')).toEqual(['2']);
    const bound = await make({ name: 'bound', scopes: ['read'], shops: [own] });
    expect(await days('', bound.key)).toEqual(['3', '1']);
    expect(await days('?run_id=run_b', bound.key)).toEqual([]);
    expect((await api.get(`/api/v1/api_calls?shop_id=${foreign}`, bound.key)).status).toBe(404);
    const first = (await (await api.get('/api/v1/api_calls?limit=2')).json()) as { next_cursor: string };
    expect(await days(`?limit=2&cursor=${first.next_cursor}`)).toEqual(['2', '1']);
  });
});

describe('limits', () => {
  it('a key that asks too often waits, others do not', async () => {
    const settings = { ...api.dependencies.settings, requestsPerSecond: 2 };
    const app = createApp({ ...api.dependencies, settings });
    const { key } = await make({ name: 'patient', scopes: ['read'] });
    const ask = (bearer: string) =>
      app.request('/api/v1/shops', { headers: { Authorization: `Bearer ${bearer}` } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(environmentKey)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(key)).status).toBe(200);
  });

  it('let through what the rate allows over time', () => {
    const limit = new RateLimit(10);
    const count = (now: number) => {
      let passed = 0;
      for (let nth = 0; nth < 100; nth += 1) {
        try {
          limit.take('k', now);
          passed += 1;
        } catch {
          return passed;
        }
      }
      return passed;
    };
    expect([count(0), count(0), count(500), count(60_000)]).toEqual([20, 0, 5, 20]);
  });

  it('an address that guesses keys waits; a right key still opens, and other addresses do not wait', async () => {
    const app = createApp(api.dependencies);
    const { key } = await make({ name: 'neighbour', scopes: ['read'] });
    const ask = (bearer: string, remoteAddress: string) =>
      app.request(
        '/api/v1/shops',
        { headers: { Authorization: `Bearer ${bearer}` } },
        { incoming: { socket: { remoteAddress } } },
      );
    const guesser = '198.51.100.7';
    const statuses: number[] = [];
    for (let nth = 0; nth < 60; nth += 1) statuses.push((await ask(`guess-${nth}`, guesser)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(50);
    const refused = await ask('guess-61', guesser);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await ask(key, guesser)).status).toBe(200);
    // Short enough to be guessed one day.
    expect((await ask(environmentKey, guesser)).status).toBe(429);
    expect((await ask(environmentKey, '198.51.100.8')).status).toBe(200);
    const noted = (await audit('?action=authenticate&limit=500')).filter(
      ({ address }) => address === '198.51.100.0/24',
    );
    expect(noted).toHaveLength(50);
  });

  it('one wrong key sent again and again is no guessing', async () => {
    const app = createApp(api.dependencies);
    const headers = { Authorization: 'Bearer stale' };
    for (let nth = 0; nth < 80; nth += 1) {
      expect((await app.request('/api/v1/shops', { headers })).status).toBe(401);
    }
  });
});
