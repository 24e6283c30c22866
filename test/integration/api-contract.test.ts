import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../src/api/problem.ts';
import { addShop, exampleRun, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let shop: string;

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
});
afterAll(() => api.close());

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
}

describe('malformed requests are 400 and name the place', () => {
  const orders = '/api/v1/shops/1/orders';
  it.each([
    ['unknown parameter', `${orders}?colour=red`, 'colour'],
    ['__proto__', `${orders}?__proto__=x`, '__proto__'],
    ['parameter given twice', `${orders}?limit=1&limit=2`, 'limit'],
    ['limit 0', `${orders}?limit=0`, 'limit'],
    ['limit 501', `${orders}?limit=501`, 'limit'],
    ['limit 1e2', `${orders}?limit=1e2`, 'limit'],
    ['limit -1', `${orders}?limit=-1`, 'limit'],
    ['limit huge', `${orders}?limit=${'9'.repeat(400)}`, 'limit'],
    ['limit empty', `${orders}?limit=`, 'limit'],
    ['cursor garbage', `${orders}?cursor=!!`, 'cursor'],
    ['sort', `${orders}?sort=price`, 'sort'],
    ['order', `${orders}?order=up`, 'order'],
    ['status', `${orders}?status=COMPLETED&status=completed`, 'status.1'],
    ['date only', `${orders}?created_ge=2026-01-01`, 'created_ge'],
    ['no such day', `${orders}?created_ge=2026-02-30T00:00:00Z`, 'created_ge'],
    ['no such hour', `${orders}?created_lt=2026-02-03T25:00:00Z`, 'created_lt'],
    ['no zone', `${orders}?updated_ge=2026-02-03T10:00:00`, 'updated_ge'],
    ['year 10000', `${orders}?updated_lt=12026-02-03T10:00:00Z`, 'updated_lt'],
    ['number as a time', `${orders}?created_ge=1767225600`, 'created_ge'],
    ['min_total 1e3', `${orders}?min_total=1e3`, 'min_total'],
    ['min_total 1,234.50', `${orders}?min_total=1,234.50`, 'min_total'],
    ['min_total NaN', `${orders}?min_total=NaN`, 'min_total'],
    ['min_total huge', `${orders}?min_total=${'9'.repeat(40)}`, 'min_total'],
    ['NUL', `${orders}?search=a%00b`, 'search'],
    ['NUL in the id', `${orders}/a%00b`, 'order_id'],
    ['NUL in the shop', '/api/v1/shops/%00', 'shop'],
    ['bad percent-encoding', `${orders}?search=%E0%A4`, 'query'],
    ['empty search', `${orders}?search=`, 'search'],
    ['long search', `${orders}?search=${'x'.repeat(201)}`, 'search'],
    ['with_total', `${orders}?with_total=1`, 'with_total'],
    ['run status', '/api/v1/shops/1/syncs?status=done', 'status'],
    ['run stream', '/api/v1/shops/1/syncs?stream=creators', 'stream'],
    ['run cursor', '/api/v1/shops/1/syncs?cursor=abc', 'cursor'],
    ['shop filters', '/api/v1/shops?region=US', 'region'],
    ['shop cursor', '/api/v1/shops?cursor=abc', 'cursor'],
    ['health takes no query', '/health/live?x=1', 'x'],
    ['sync flag', '/connect/tiktok-shop?sync=maybe', 'sync'],
  ])('%s', async (_, path, place) => {
    const response = await api.get(path);
    expect([response.status, (await problem(response)).errors.map((error) => error.path)]).toEqual([
      400,
      [place],
    ]);
  });

  it.each(['0000-02-03T10:00:00Z', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-23:00'])(
    'but %s is a time like any other, though nothing is that old or new',
    async (time) => {
      expect((await api.get(`${orders}?updated_lt=${time}`)).status).toBe(200);
      expect((await api.get(`${orders}/stats?created_ge=${time}`)).status).toBe(200);
    },
  );

  it('and so is one in small letters, which RFC 3339 allows', async () => {
    expect((await api.get(`${orders}?updated_lt=2026-02-03t10:00:00z`)).status).toBe(200);
  });

  const range = '/api/v1/shops/1/analytics/shop?start_date=2026-01-01';
  it.each([
    [range, 'end_date is missing.'],
    [`${orders}?limit=1&limit=2`, 'limit must be one text, not several.'],
    [`${orders}?order=up`, 'order must be one of asc, desc.'],
    ['/api/v1/deliveries?status=done', /^status must be one of PENDING, /],
  ])('%s: %s', async (path, words) => {
    const [fault] = (await problem(await api.get(path))).errors;
    expect(`${fault?.path} ${fault?.message}`).toMatch(words);
  });

  it('in words also where a body is wrong', async () => {
    const told = async (body: unknown) =>
      (await problem(await api.send('POST', '/api/v1/api_keys', body))).errors.map(
        ({ path, message }) => `${path} ${message}`,
      );
    expect(await told({ scopes: 'read' })).toEqual(['name is missing.', 'scopes must be a list.']);
    expect(await told([])).toEqual(['body must be an object.']);
  });

  const backfills = '/api/v1/shops/1/backfills';
  const oneDay = { start_date: '2026-03-01', end_date: '2026-03-01' };
  const syncs = '/api/v1/shops/1/syncs';
  it.each<[string, string, string, unknown, string]>([
    ['no body', 'POST', syncs, undefined, 'body'],
    ['not JSON', 'POST', syncs, '{stream:orders}', 'body'],
    ['cut JSON', 'POST', syncs, '{"stream":"orders"', 'body'],
    ['deep nesting', 'POST', syncs, '['.repeat(200_000), 'body'],
    ['an array', 'POST', syncs, [], 'body'],
    ['null', 'POST', '/api/sync/orders', 'null', 'body'],
    ['unknown field', 'POST', '/api/sync/orders', { shop: '1' }, 'shop'],
    ['__proto__ field', 'POST', '/api/sync/orders', '{"__proto__":{"shop_id":"1"}}', '__proto__'],
    ['number as shop id', 'POST', '/api/sync/orders', { shop_id: 1 }, 'shop_id'],
    ['NUL in the shop id', 'POST', '/api/sync/orders/full', { shop_id: 'a\0' }, 'shop_id'],
    ['unknown stream', 'POST', syncs, { stream: 'creators', mode: 'full' }, 'stream'],
    ['unknown mode', 'POST', syncs, { stream: 'orders', mode: 'fast' }, 'mode'],
    [
      'window without end',
      'POST',
      syncs,
      { stream: 'orders', mode: 'window', from: '2026-01-01T00:00:00Z' },
      'to',
    ],
    [
      'window the wrong way round',
      'POST',
      syncs,
      { stream: 'orders', mode: 'window', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      'to',
    ],
    [
      'from with full',
      'POST',
      syncs,
      { stream: 'orders', mode: 'full', from: '2026-01-01T00:00:00Z' },
      'from',
    ],
    [
      'days the wrong way round',
      'POST',
      backfills,
      { start_date: '2026-03-02', end_date: '2026-03-01' },
      'end_date',
    ],
    [
      'a day that does not exist',
      'POST',
      backfills,
      { start_date: '2026-02-30', end_date: '2026-03-01' },
      'start_date',
    ],
    [
      'a century of days',
      'POST',
      backfills,
      { start_date: '1926-03-01', end_date: '2026-03-01' },
      'end_date',
    ],
    ['no days', 'POST', backfills, { end_date: '2026-03-01' }, 'start_date'],
    ['an unknown stream', 'POST', backfills, { ...oneDay, streams: ['moods'] }, 'streams.0'],
    ['no stream at all', 'POST', backfills, { ...oneDay, streams: [] }, 'streams'],
    ['an unknown source', 'POST', backfills, { ...oneDay, source: 'rumour' }, 'source'],
    ['every', 'PUT', '/api/v1/shops/1/schedules/orders', { every: '5 minutes' }, 'every'],
    ['every too short', 'PUT', '/api/v1/shops/1/schedules/orders', { every: '1s' }, 'every'],
    ['every too long', 'PUT', '/api/v1/shops/1/schedules/orders', { every: '999999d' }, 'every'],
    ['jitter', 'PUT', '/api/v1/shops/1/schedules/orders', { every: '5m', jitter: '1h' }, 'jitter'],
    ['paused', 'PUT', '/api/v1/shops/1/schedules/orders', { every: '5m', paused: 'no' }, 'paused'],
    ['time zone', 'PATCH', '/api/v1/shops/1', { time_zone: 'Mars/Olympus' }, 'time_zone'],
    ['POSIX time zone', 'PATCH', '/api/v1/shops/1', { time_zone: '+8' }, 'time_zone'],
    ['nothing to change', 'PATCH', '/api/v1/shops/1', {}, 'body'],
    ['unchangeable field', 'PATCH', '/api/v1/shops/1', { name: 'x' }, 'name'],
    ['a body where none belongs', 'DELETE', '/api/v1/shops/1', { force: true }, 'force'],
  ])('%s', async (_, method, path, body, place) => {
    const response = await api.send(method, path, body);
    expect([response.status, (await problem(response)).errors.map((error) => error.path)]).toEqual([
      400,
      [place],
    ]);
  });

  it('a body in another encoding', async () => {
    const body = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
    const headers = {
      Authorization: 'Bearer the key of the environment',
      'Content-Type': 'application/json',
    };
    expect((await api.app.request('/api/sync/orders', { method: 'POST', body, headers })).status).toBe(400);
  });
});

describe('other refusals', () => {
  it.each([
    ['GET', '/nothing', 404, null],
    ['GET', '/api/v1/nothing', 404, null],
    ['GET', '/api/v1/shops/shop-99', 404, null],
    ['GET', '/api/v1/syncs/run_none', 404, null],
    ['GET', '/api/v1/shops/1/schedules/creators', 404, null],
    ['GET', '/docs/..%2Fpackage.json', 404, null],
    ['GET', '/docs/toString', 404, null],
    ['GET', '/assets/..%2f..%2fpackage.json', 404, null],
    ['POST', '/api/sync/status', 405, 'GET, HEAD'],
    ['DELETE', '/api/v1/shops/1/orders/5', 405, 'GET, HEAD'],
    ['PUT', '/api/v1/shops/1', 405, 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', '/api/sync/orders', 405, 'POST'],
    ['PUT', '/', 405, 'GET, HEAD'],
    ['OPTIONS', '/', 405, 'GET, HEAD'],
    ['PUT', '/orders', 404, null],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const response = await api.send(method, path);
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
    const { type, title, request_id } = await problem(response);
    expect([typeof type, typeof title, request_id]).toEqual([
      'string',
      'string',
      response.headers.get('x-request-id'),
    ]);
  });

  it('says 415 to a body that is not called JSON', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await api.send('POST', '/api/sync/orders', 'shop_id=1', undefined, headers)).status).toBe(415);
    expect(
      (await api.send('POST', '/api/sync/orders', '{}', undefined, { 'Content-Type': 'text/json' })).status,
    ).toBe(415);
  });

  it('says 413 to a body over 10 MB, whether its length was told or not', async () => {
    const body = `{"shop_id":"${'x'.repeat(11 * 1024 * 1024)}"}`;
    expect((await api.send('POST', '/api/sync/orders', body)).status).toBe(413);
    const told = { 'Content-Length': String(body.length) };
    expect((await api.send('POST', '/api/sync/orders', body, undefined, told)).status).toBe(413);
  });

  it('tells nothing of a defect but its request id, and logs it', async () => {
    const broken = await startTestApi({
      checkReadiness: async () => {
        throw new TypeError('secret detail');
      },
    });
    const response = await broken.get('/health/ready');
    const { detail, request_id } = await problem(response);
    expect(response.status).toBe(500);
    expect(detail).not.toContain('secret');
    expect(broken.world.log.some((line) => line.includes(request_id) && line.includes('secret detail'))).toBe(
      true,
    );
    await broken.close();
  });

  it('says 503 with reasons while it is not ready', async () => {
    api.world.faults = [{ name: 'temporal', fault: 'cannot be reached.' }];
    const response = await api.get('/health/ready', null);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect((await problem(response)).errors).toEqual([{ path: 'temporal', message: 'cannot be reached.' }]);
    api.world.faults = [{ name: 'temporal', fault: null }];
    expect((await api.get('/health/ready', null)).status).toBe(200);
    expect((await api.get('/health/live', null)).status).toBe(200);
  });

  it('refuses to sync a parked and a disconnected shop', async () => {
    for (const status of ['parked', 'disconnected']) {
      const id = await addShop(api.sql, { status });
      const response = await api.send('POST', '/api/sync/orders', { shop_id: id });
      expect([response.status, (await problem(response)).type]).toEqual([
        409,
        `urn:tideline:problem:shop-${status}`,
      ]);
      await api.sql`delete from shops where shop_id = ${id}`;
    }
  });
});

describe('syncs', () => {
  it('start for the only shop, for a chosen one, and not for an unclear one', async () => {
    expect((await api.send('POST', '/api/sync/orders')).status).toBe(202);
    expect((await api.send('POST', '/api/sync/orders', '', undefined)).status).toBe(202);
    expect(api.world.started.at(-1)).toMatchObject({ shopId: shop, mode: 'incremental', trigger: 'api' });
    const other = await addShop(api.sql);
    expect((await api.send('POST', '/api/sync/orders', {})).status).toBe(400);
    expect((await api.send('POST', '/api/sync/orders/full', { shop_id: other.slice(5) })).status).toBe(202);
    expect(api.world.started.at(-1)).toMatchObject({ shopId: other, mode: 'full' });
    const both = (await (await api.get('/api/sync/status')).json()) as { shops: unknown[] };
    expect(both.shops).toHaveLength(2);
    const one = await (await api.get(`/api/sync/status?shop_id=${other}`)).json();
    expect(one).toHaveProperty('orders.metadata.orders_total');
    expect((await api.send('POST', '/api/sync/orders', { shop_id: 'nothing' })).status).toBe(404);
    await api.sql`delete from shops where shop_id = ${other}`;
  });

  it('of a window pass their bounds in UTC', async () => {
    const body = {
      stream: 'orders',
      mode: 'window',
      from: '2026-01-01T00:00:00-08:00',
      to: '2026-01-02T00:00:00Z',
    };
    expect((await api.send('POST', `/api/v1/shops/${shop}/syncs`, body)).status).toBe(202);
    expect(api.world.started.at(-1)).toMatchObject({
      window: { from: '2026-01-01T08:00:00.000Z', to: '2026-01-02T00:00:00.000Z' },
    });
  });

  it('are listed page by page', async () => {
    for (let index = 0; index < 7; index += 1) {
      const run = exampleRun(shop, { run_id: `run_list${index}`, status: 'cancelled' });
      api.world.runs.set(run.run_id, run);
    }
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await api.get(`/api/v1/shops/1/syncs?status=cancelled&limit=3${query}`);
      const body = (await response.json()) as { data: { run_id: string }[]; next_cursor: string | null };
      ids.push(...body.data.map((run) => run.run_id));
      if (cursor === '')
        expect((await api.get(`/api/v1/shops/1/syncs?cursor=${body.next_cursor}`)).status).toBe(400);
      cursor = body.next_cursor;
    }
    expect(ids).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `run_list${index}`));
  });

  it('are paused, resumed, cancelled and retried, unless they are over', async () => {
    const run = exampleRun(shop);
    api.world.runs.set(run.run_id, run);
    for (const action of ['pause', 'resume', 'cancel', 'retry']) {
      expect((await api.send('POST', `/api/v1/syncs/${run.run_id}/${action}`)).status).toBe(200);
      expect(api.world.controlled.at(-1)).toBe(`${action} ${run.run_id}`);
    }
    api.world.runs.set(run.run_id, { ...run, status: 'completed' });
    expect((await api.send('POST', `/api/v1/syncs/${run.run_id}/pause`, {})).status).toBe(409);
  });

  it('tell their progress as events until they end, and leave out what was seen', async () => {
    const run = exampleRun(shop);
    api.world.runs.set(run.run_id, run);
    const response = await api.get(`/api/v1/syncs/${run.run_id}/events`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    setTimeout(() => {
      const finished_at = '2026-03-01T08:05:00.000Z';
      api.world.runs.set(run.run_id, { ...run, status: 'completed', finished_at });
    }, 300);
    const text = await response.text();
    const events = text.split('\n\n').filter((part) => part.includes('event:'));
    expect(events).toHaveLength(2);
    expect(events[0]).toMatch(/^event: progress/m);
    expect(JSON.parse(/^data: (.*)$/m.exec(events[0] ?? '')?.[1] ?? '')).toMatchObject({
      ...run.progress,
      status: 'running',
    });
    expect(events[1]).toMatch(/^event: end/m);
    const id = /^id: (.*)$/m.exec(events[0] ?? '')?.[1] ?? '';
    api.world.runs.set(run.run_id, run);
    const again = await api.send('GET', `/api/v1/syncs/${run.run_id}/events`, undefined, undefined, {
      'Last-Event-ID': id,
    });
    setTimeout(() => api.world.runs.set(run.run_id, { ...run, status: 'failed' }), 300);
    expect((await again.text()).split('\n\n').filter((part) => part.includes('event:'))).toHaveLength(1);
  });

  it('have schedules that can be read and changed in part', async () => {
    const path = `/api/v1/shops/${shop}/schedules/orders`;
    expect(await (await api.get(path)).json()).toEqual({ every: '5m', jitter: '30s', paused: false });
    const changed = await api.send('PUT', path, { every: '15m', paused: true });
    expect(await changed.json()).toEqual({ every: '15m', jitter: '30s', paused: true });
    expect(await (await api.get(path)).json()).toEqual({ every: '15m', jitter: '30s', paused: true });
  });
});

describe('shops', () => {
  it('that waited for a choice begin when they are enabled', async () => {
    const waiting = await addShop(api.sql, { sync_enabled: false });
    api.world.started = [];
    const response = await api.send('PATCH', `/api/v1/shops/${waiting}`, { sync_enabled: true });
    expect(await response.json()).toMatchObject({ id: waiting, sync_enabled: true });
    const first = (stream: string) => ({ shopId: waiting, stream, mode: 'full', trigger: 'connect' });
    expect(api.world.started).toEqual(['orders', 'products', 'analytics'].map(first));
  });

  it('are listed page by page, and counted when asked', async () => {
    interface ShopPage {
      data: { id: string }[];
      next_cursor: string | null;
      total?: number;
    }
    const all = (await (await api.get('/api/v1/shops?with_total=true')).json()) as ShopPage;
    expect(all.total).toBe(all.data.length);
    const ids: string[] = [];
    let query: string | null = '?limit=1';
    while (query !== null) {
      const one = (await (await api.get(`/api/v1/shops${query}`)).json()) as ShopPage;
      ids.push(...one.data.map(({ id }) => id));
      query = one.next_cursor === null ? null : `?limit=1&cursor=${one.next_cursor}`;
    }
    expect(ids).toEqual(all.data.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(1);
  });

  it('stop when they are disconnected, and stay visible', async () => {
    const leaving = await addShop(api.sql);
    expect((await api.send('DELETE', `/api/v1/shops/${leaving}`)).status).toBe(204);
    expect(api.world.stopped).toContain(leaving);
    expect(await (await api.get(`/api/v1/shops/${leaving}`)).json()).toMatchObject({
      status: 'disconnected',
    });
  });
});

describe('Idempotency-Key', () => {
  const start = (key: string, body: unknown = { shop_id: '1' }) =>
    api.send('POST', '/api/sync/orders', body, undefined, { 'Idempotency-Key': key });

  it('gives a repeat the first answer', async () => {
    api.world.started = [];
    const [first, second] = [await start('k-1'), await start('k-1')];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.text()).toBe(await first.text());
    expect(api.world.started).toHaveLength(1);
  });

  it('refuses another body with 422 and a nonsense key with 400', async () => {
    expect((await start('k-1', { shop_id: 'shop-1' })).status).toBe(422);
    expect((await start('')).status).toBe(400);
    expect((await start('k'.repeat(201))).status).toBe(400);
  });

  it('lets one of two through while the first is in flight', async () => {
    const answers = await Promise.all([start('k-2'), start('k-2'), start('k-2')]);
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
    expect(
      new Set(await Promise.all(answers.filter(({ status }) => status === 202).map((one) => one.text())))
        .size,
    ).toBe(1);
  });

  it('gives the key back when the request was refused', async () => {
    expect((await start('k-3', { shop_id: 'nothing' })).status).toBe(404);
    expect((await start('k-3', { shop_id: '1' })).status).toBe(202);
  });
});
