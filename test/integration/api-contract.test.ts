import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../src/api/problem.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { exampleRun } from '../support/fake-world.ts';

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
