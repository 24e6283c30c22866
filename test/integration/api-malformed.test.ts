import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../src/api/problem.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await addShop(api.sql);
});
afterAll(() => api.close());

async function faultsOf(response: Response): Promise<Problem['errors']> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.status).toBe(400);
  return ((await response.json()) as Problem).errors;
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
    expect((await faultsOf(await api.get(path))).map((fault) => fault.path)).toEqual([place]);
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
    const [fault] = await faultsOf(await api.get(path));
    expect(`${fault?.path} ${fault?.message}`).toMatch(words);
  });

  it('in words also where a body is wrong', async () => {
    const told = async (body: unknown) =>
      (await faultsOf(await api.send('POST', '/api/v1/api_keys', body))).map(
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
    expect((await faultsOf(await api.send(method, path, body))).map((fault) => fault.path)).toEqual([place]);
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
