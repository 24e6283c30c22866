import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { seedDestinations } from '../../src/conversions/seed-destinations.ts';
import { deliverDue } from '../../src/deliveries/deliver-due.ts';
import { noDeliveryLog } from '../../src/deliveries/delivery-log.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { answer, startTikTokEvents, type TikTokEvents } from '../support/tiktok-events.ts';

let api: TestApi;
let platform: TikTokEvents;

beforeAll(async () => {
  platform = await startTikTokEvents();
  api = await startTestApi();
  await configure({ TIKTOK_PIXEL_ID: 'PIXEL', TIKTOK_ACCESS_TOKEN: 'a-token' });
});

afterAll(async () => {
  await api.close();
  await platform.close();
});

/** Starts anew with another environment. */
async function configure(environment: NodeJS.ProcessEnv): Promise<void> {
  const { deliveryTools: tools } = api.dependencies;
  const given = { TIKTOK_TEST_SECRET: 'test-secret', TIKTOK_EVENTS_API_URL: platform.url, ...environment };
  tools.config = loadConfig(given).conversions;
  await seedDestinations(tools.sql, await tools.conversionKey(), tools.findKind, tools.config);
}

async function deliver(destinationId = 'tiktok'): Promise<void> {
  const { deliveryTools: tools } = api.dependencies;
  const { outboundMode, origins } = tools.config;
  await deliverDue(
    {
      ...{ ...tools, outboundMode, origins, deliveryLog: noDeliveryLog },
      ...{ log: pino({ level: 'silent' }), paces: new Map() },
    },
    { signal: new AbortController().signal, heartbeat: () => undefined },
    destinationId,
  );
}

const now = (): number => Math.floor(Date.now() / 1_000);

async function accept(event_id: string, fields: object = {}): Promise<string> {
  const event = {
    ...{ event_id, event_name: 'PURCHASE', event_time: now() - 5 },
    ...{ user: { email: `${event_id}@example.com` }, destinations: ['tiktok'] },
    ...fields,
  };
  const response = await api.send('POST', '/api/v1/conversions', event);
  expect(response.status).toBe(202);
  const body = (await response.json()) as { accepted: { deliveries: { delivery_id: string }[] }[] };
  return body.accepted[0]?.deliveries[0]?.delivery_id ?? '';
}

// biome-ignore lint/suspicious/noExplicitAny: answers are held against their schemas by the API itself
async function ask(method: string, path: string, body?: unknown, status = 200): Promise<any> {
  const response = await api.send(method, path, body);
  const text = await response.text();
  expect([response.status, text]).toEqual([status, expect.anything()]);
  return text === '' ? null : JSON.parse(text);
}

describe('destinations', () => {
  it('of the environment are there, and never show their secrets', async () => {
    const { data } = await ask('GET', '/api/v1/destinations');
    expect(data).toMatchObject([{ id: 'tiktok', kind: 'tiktok', status: 'active', pause_reason: null }]);
    expect(data[0]).toMatchObject({ secrets: ['access_token'], from_environment: true });
    expect(JSON.stringify(data)).not.toContain('a-token');
    const [row] = await api.sql`select secrets from destinations`;
    expect(row?.secrets.toString('latin1')).not.toContain('a-token');
  });

  it('are listed page by page', async () => {
    const path = '/api/v1/destinations';
    const further = ['b', 'a_1', 'a-2'];
    for (const id of further) await ask('POST', path, { kind: 'tiktok', id }, 201);
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await ask('GET', `${path}?limit=1&with_total=true${after}`);
      expect([page.total, page.data.length]).toEqual([4, 1]);
      ids.push(page.data[0].id);
      cursor = page.next_cursor;
    }
    expect(ids).toEqual(['a-2', 'a_1', 'b', 'tiktok']);
    await ask('GET', `${path}?cursor=abc`, undefined, 400);
    for (const id of further) await ask('DELETE', `${path}/${id}`, undefined, 204);
  });

  it('are added, changed, paused, resumed and deleted', async () => {
    const settings = { pixel_id: 'SECOND', access_token: 'second-token' };
    const made = await ask('POST', '/api/v1/destinations', { kind: 'tiktok', name: 'Second', settings }, 201);
    expect(made).toMatchObject({
      id: 'tiktok-2',
      settings: { pixel_id: 'SECOND' },
      secrets: ['access_token'],
    });
    expect(made.settings).not.toHaveProperty('access_token');
    const path = `/api/v1/destinations/${made.id}`;
    const changed = await ask('PATCH', path, { name: 'Other', settings: { partner_name: 'Harbour' } });
    expect(changed).toMatchObject({
      name: 'Other',
      settings: { pixel_id: 'SECOND', partner_name: 'Harbour' },
    });
    expect(await ask('POST', `${path}/pause`)).toMatchObject({ status: 'paused' });
    const id = await accept('waits', { destinations: [made.id] });
    await deliver(made.id);
    expect(await ask('GET', `/api/v1/deliveries/${id}`)).toMatchObject({ status: 'PENDING', paused: true });
    expect(await ask('POST', `${path}/resume`)).toMatchObject({ status: 'active', pause_reason: null });
    await ask('DELETE', path, undefined, 204);
    expect(await ask('GET', `/api/v1/deliveries/${id}`)).toMatchObject({
      status: 'SKIPPED',
      reason: 'The destination was deleted',
    });
    await ask('GET', path, undefined, 404);
    expect(api.world.woken).toContain(made.id);
  });

  it.each([
    [{}, 'kind'],
    [{ kind: 'myspace' }, 'kind'],
    [{ kind: 'tiktok', settings: { pixel_code: 'x' } }, 'settings.pixel_code'],
    [{ kind: 'tiktok', settings: { event_names: 'newest' } }, 'settings.event_names'],
    [{ kind: 'tiktok', secrets: { password: 'x' } }, 'secrets.password'],
    [{ kind: 'tiktok', id: 'Über' }, 'id'],
    [{ kind: 'tiktok', more: 1 }, 'more'],
  ])('%j is refused and says where', async (body, path) => {
    const problem = await ask('POST', '/api/v1/destinations', body, 400);
    expect(problem.errors.map((fault: { path: string }) => fault.path)).toEqual([path]);
  });
});

describe('evidence', () => {
  it('shows what was sent of one event in a batch, hashed, and what was answered', async () => {
    const id = await accept('first');
    await accept('other');
    await deliver();
    const one = await ask('GET', `/api/v1/deliveries/${id}`);
    expect(one).toMatchObject({
      ...{ id, event_id: 'first', event_name: 'PURCHASE', platform_event: 'CompletePayment' },
      ...{ destination: 'tiktok', destination_kind: 'tiktok', status: 'DELIVERED', paused: false },
      ...{ reason: null, next_attempt_at: null, attempt_count: 1 },
    });
    const [attempt] = one.attempts;
    expect(attempt).toMatchObject({ response_code: 200, outcome: 'delivered', platform_request_id: 'req-0' });
    expect(JSON.parse(attempt.response_body)).toMatchObject({ code: 0 });
    const request = JSON.parse(attempt.request_body);
    expect(request).toMatchObject({ event_source: 'web', event_source_id: 'PIXEL' });
    expect(request.data.map((event: { event_id: string }) => event.event_id)).toEqual(['first']);
    expect(attempt.request_body).not.toContain('@example.com');
    expect(attempt.request_body).not.toContain('a-token');
    const rows = await api.sql`select request_body from delivery_requests`;
    expect(JSON.stringify(rows.map((row) => row.request_body.toString('latin1')))).not.toContain('first');
  });

  it('is found by filters, page by page', async () => {
    await accept('canceled', { event_name: 'TRIAL_CANCELED' });
    await deliver();
    const { data } = await ask(
      'GET',
      '/api/v1/deliveries?status=SKIPPED&destination=tiktok&reason=No%20TikTok',
    );
    expect(data).toMatchObject([
      { event_id: 'canceled', reason: 'No TikTok event mapping for: TRIAL_CANCELED' },
    ]);
    const first = await ask('GET', '/api/v1/deliveries?limit=1&with_total=true&destination=tiktok');
    const second = await ask(
      'GET',
      `/api/v1/deliveries?limit=1&destination=tiktok&cursor=${first.next_cursor}`,
    );
    expect(first.total).toBe(3);
    expect(first.data[0].event_id).toBe('canceled');
    expect(second.data[0].event_id).toBe('other');
    await ask('GET', '/api/v1/deliveries?status=DONE', undefined, 400);
    await ask('GET', `/api/v1/deliveries?limit=1&cursor=${first.next_cursor}`, undefined, 400);
    for (const id of ['dlv_999999', 'dlv_x', '1'])
      await ask('GET', `/api/v1/deliveries/${id}`, undefined, 404);
    expect(await ask('GET', '/api/v1/conversions/canceled')).toMatchObject({ event_name: 'TRIAL_CANCELED' });
    await ask('GET', '/api/v1/conversions/nothing', undefined, 404);
  });
});

describe('replays', () => {
  it('of one delivery send it once more', async () => {
    platform.react(answer(40_002, 'wrong'), answer(0));
    const id = await accept('refused');
    await deliver();
    expect(await ask('GET', `/api/v1/deliveries/${id}`)).toMatchObject({ status: 'FAILED' });
    expect(await ask('POST', `/api/v1/deliveries/${id}/replay`, {}, 202)).toMatchObject({
      status: 'PENDING',
    });
    await ask('POST', `/api/v1/deliveries/${id}/replay`, {}, 409);
    await deliver();
    expect(await ask('GET', `/api/v1/deliveries/${id}`)).toMatchObject({
      status: 'DELIVERED',
      attempt_count: 2,
    });
  });

  it('of an unknown outcome ask first', async () => {
    const id = await accept('unknown');
    await api.sql`
      update deliveries set status = 'FAILED', reason = 'OUTCOME_UNKNOWN', next_attempt_at = null, settled_at = now(),
        first_sent_at = now() - interval '50 hours'
      where event_id = 'unknown'`;
    const problem = await ask('POST', `/api/v1/deliveries/${id}/replay`, {}, 409);
    expect(problem.type).toContain('confirm-needed');
    await ask('POST', `/api/v1/deliveries/${id}/replay`, { confirm: true }, 202);
    await deliver();
    expect(await ask('GET', `/api/v1/deliveries/${id}`)).toMatchObject({ status: 'DELIVERED' });
  });

  it('of a filter say first what they would do, are cancelled and go on', async () => {
    platform.react(answer(40_002, 'wrong'));
    for (const id of ['r1', 'r2', 'r3', 'r4']) await accept(id, { event_name: 'INITIATE_CHECKOUT' });
    await deliver();
    await api.sql`
      update conversion_events set event_time = now() - interval '9 days' where event_id = 'r3'`;
    await api.sql`
      update deliveries set first_sent_at = now() - interval '3 days' where event_id = 'r4'`;
    const filter = { event_name: 'INITIATE_CHECKOUT', status: 'FAILED' };
    const plan = await ask('POST', '/api/v1/deliveries/replay', { filter, dry_run: true });
    expect(plan).toMatchObject({ would_send: 2, too_old: 1, would_count_twice: 1 });
    expect(plan.summary).toBe('2 would be sent, 1 too old, 1 outside the dedup window and would count twice');
    const path = '/api/v1/deliveries?event_name=INITIATE_CHECKOUT&status=FAILED&with_total=true';
    expect((await ask('GET', path)).total).toBe(4);

    const begun = await ask('POST', '/api/v1/deliveries/replay', { filter }, 202);
    expect(begun).toMatchObject({ status: 'running', deliveries: 2 });
    expect((await ask('GET', path)).total).toBe(2);
    const replay = `/api/v1/deliveries/replays/${begun.replay_id}`;
    expect(await ask('POST', `${replay}/cancel`)).toMatchObject({ status: 'cancelled', would_send: 0 });
    expect((await ask('GET', path)).total).toBe(4);
    expect(await ask('POST', `${replay}/resume`)).toMatchObject({ status: 'running', would_send: 2 });
    platform.react(answer(0));
    await deliver();
    expect(await ask('GET', replay)).toMatchObject({ would_send: 0 });
    expect((await ask('GET', path)).total).toBe(2);
    await ask('GET', '/api/v1/deliveries/replays/rpl_99', undefined, 404);
    await ask('POST', '/api/v1/deliveries/replay', { filter: { colour: 'red' } }, 400);
  });
});

describe('a preview', () => {
  it('shows the request that is sent, or why there is none', async () => {
    const event = {
      event_id: 'seen',
      event_name: 'PURCHASE',
      event_time: now(),
      user: { email: 'a@example.com' },
    };
    const { data } = await ask('POST', '/api/v1/conversions/preview', event);
    expect(data).toHaveLength(1);
    const [{ request, missing, skip_reason: reason }] = data;
    expect(reason).toBeNull();
    expect(request.url).toBe(`${platform.url}/open_api/v1.3/event/track/`);
    expect(missing).toContain('phone');
    await accept('seen', { event_time: event.event_time, user: event.user });
    await deliver();
    expect(platform.received.at(-1)?.body).toBe(request.body);
    const skipped = await ask('POST', '/api/v1/conversions/preview', { ...event, user: {} });
    expect(skipped.data[0]).toMatchObject({
      request: null,
      skip_reason: 'Missing ttclid/ttp and user identifiers (email/phone)',
    });
    await ask('POST', '/api/v1/conversions/preview', { event_id: 'x' }, 400);
  });
});

describe('the test routes', () => {
  const post = (path: string, body: unknown, secret: string | null = 'test-secret'): Promise<Response> =>
    api.send('POST', path, body, secret);
  const event = {
    eventId: 't1',
    eventName: 'PURCHASE',
    email: 'a@example.com',
    pageUrl: 'https://x.example/',
  };

  it('send at once and show the answer', async () => {
    const response = await post('/api/test/tiktok', event);
    const body = (await response.json()) as Record<string, string>;
    expect(body).toMatchObject({ ok: true, status: 200 });
    expect(JSON.parse(body.body ?? '')).toMatchObject({ code: 0 });
    expect(JSON.parse(body.requestBody ?? '').data[0].event_id).toBe('t1');
  });

  it('say 200 whatever comes of it', async () => {
    platform.react(answer(40_105, 'Access token is incorrect'));
    expect(await (await post('/api/test/tiktok', event)).json()).toMatchObject({ ok: false, status: 200 });
    platform.react(answer(0));
    for (const malformed of ['{', [], { eventName: 7 }, { eventName: 'PURCHASE', eventTime: 'noon' }]) {
      const response = await post('/api/test/tiktok', malformed);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ ok: false });
    }
    expect(await (await post('/api/test/tiktok', { ...event, eventName: 'NOPE' })).json()).toEqual({
      ok: false,
      skipped: true,
      reason: 'No TikTok event mapping for: NOPE',
    });
    expect(await (await post('/api/test/meta', event)).json()).toMatchObject({
      ok: false,
      skipped: true,
      reason: 'Missing env: META_PIXEL_ID, META_ACCESS_TOKEN',
    });
  });

  it('are closed without their secret', async () => {
    expect((await post('/api/test/tiktok', event, 'wrong')).status).toBe(401);
    expect((await post('/api/test/google-ads', event, null)).status).toBe(401);
    await configure({ TIKTOK_TEST_SECRET: undefined });
    expect((await post('/api/test/tiktok', event)).status).toBe(404);
    await configure({ OUTBOUND_MODE: 'mock' });
    const reasons = await Promise.all(
      ['tiktok', 'meta', 'google-ads'].map(async (name) => {
        const answered = await (await post(`/api/test/${name}`, event)).json();
        return (answered as { reason: string }).reason;
      }),
    );
    expect(reasons).toEqual(['TIKTOK mock mode', 'META mock mode', 'GOOGLE_ADS mock mode']);
  });
});
