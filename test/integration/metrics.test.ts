import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { createRequestBudget } from '../../src/budget/request-budget.ts';
import { createCallLog } from '../../src/db/call-log.ts';
import { removeWorkerState, writeWorkerState } from '../../src/db/queries/worker-states.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  const { sql } = api;
  for (const id of ['shop-1', 'shop-2']) {
    await sql`
      insert into shops (shop_id, tiktok_shop_id, name, region, time_zone)
      values (${id}, ${`7${id}`}, 'A name that is nobody else''s business', 'US', '-08:00')`;
    await sql`
      insert into sync_runs (run_id, shop_id, stream, mode, trigger, status, workflow_id)
      values (${`run_${id}`}, ${id}, 'orders', 'full', 'api', 'running', 'w')`;
    await sql`
      insert into stream_states (shop_id, stream, watermark)
      values (${id}, 'orders', extract(epoch from now())::bigint - 100)`;
  }
  const budget = createRequestBudget({ sql, appKey: 'key', requestsPerSecond: 200, random: () => 0 });
  const call = { shopId: 'shop-1', endpointFamily: 'orders.search', lane: 'history' } as const;
  for (let nth = 0; nth < 10; nth++) await budget.acquire(call);
  await budget.report(call, { kind: 'throttled', latencyMs: 1, retryAfterMs: 60_000 });
  const log = createCallLog({ sql, log: { warn: () => undefined } });
  for (const outcome of ['ok', 'ok', 'rate-limited']) {
    log.record({
      ...{ at: new Date(), shopId: 'shop-1', runId: null, method: 'POST', path: '/p', attempt: 1 },
      ...{ endpointFamily: 'orders.search', httpStatus: 200, code: 0, requestId: 'r', outcome },
      ...{ durationMs: 250, responseBytes: 1 },
    });
  }
  await log.close();
  await addConversions();
  await sql`
    insert into request_quotas (app_key, shop_id, hour, calls, learned)
    values ('key', 'shop-2', date_trunc('hour', now()), 42, 100)`;
});
afterAll(() => api.close());

/** Events of two sources on their way, one webhook refused, and a coverage that fell from all to none. */
async function addConversions(): Promise<void> {
  const { sql } = api;
  await sql`
    insert into destinations (destination_id, kind, name, settings, status)
    values ('pixel', 'tiktok', 'P', '{}', 'active'), ('other', 'meta', 'M', '{}', 'paused')`;
  await sql`
    insert into conversion_events (event_name, event_id, event_time, origin, medium, content, body_hash, parameters,
      accepted_at)
    select 'PURCHASE', 'e' || n, now(), case when n <= 30 then 'stripe/evt_' || n else 'api' end, 'web', '{}', '',
      case when n <= 30 then 1 else 0 end, now() - case when n <= 30 then interval '30 hours' else interval '0' end
    from generate_series(1, 60) n`;
  await sql`
    insert into deliveries (event_key, destination_id, event_name, event_id, status, attempts, next_attempt_at)
    select event_key, 'pixel', event_name, event_id, 'RETRYING', 3, now() - interval '50 seconds' from conversion_events`;
  await sql`
    update deliveries set status = 'DELIVERED', attempts = 1, next_attempt_at = null where event_id <> 'e1'`;
  const response = await api.send('POST', '/webhooks/stripe', {});
  expect(response.status).toBe(401);
}

const worker = {
  workerId: 'wrk_1',
  startedAt: new Date('2026-11-21T00:00:00Z'),
  residentBytes: 123_456_789,
  cpuSeconds: 1.5,
  eventLoopLagSeconds: 0.02,
  waiting: [
    { shopId: 'shop-1', endpointFamily: 'orders.search', lane: 'history', calls: 3 },
    { shopId: 'shop-2', endpointFamily: 'orders.search', lane: 'incremental', calls: 1 },
  ],
};
beforeEach(() => writeWorkerState(api.sql, worker));

/** Values by metric and labels, as they stand in the text. */
async function read(key?: string): Promise<Map<string, number>> {
  const response = await api.get('/metrics', key);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

describe('GET /metrics', () => {
  it('shows budget, use, throttling, quotas, runs, watermarks, orders and processes', async () => {
    const values = await read();
    const budget = 'shop="shop-1",endpoint="orders.search"';
    expect(Object.fromEntries(values)).toMatchObject({
      [`tideline_budget_phase{${budget},phase="confirming"}`]: 1,
      [`tideline_budget_throttled_total{${budget}}`]: 1,
      [`tideline_budget_waiting_calls{${budget},lane="history"}`]: 3,
      [`tideline_upstream_calls_total{${budget},outcome="ok"}`]: 2,
      [`tideline_upstream_calls_total{${budget},outcome="rate-limited"}`]: 1,
      [`tideline_upstream_call_seconds_total{${budget},outcome="ok"}`]: 0.5,
      'tideline_quota_used_calls{shop="shop-2"}': 42,
      'tideline_quota_calls{shop="shop-2"}': 100,
      'tideline_runs{shop="shop-2",stream="orders",mode="full",status="running"}': 1,
      'tideline_shop_status{shop="shop-1",status="active"}': 1,
      'tideline_worker_resident_memory_bytes{worker="wrk_1"}': 123_456_789,
      'tideline_worker_cpu_seconds_total{worker="wrk_1"}': 1.5,
    });
    expect(values.get(`tideline_budget_learned_rate{${budget}}`)).toBeGreaterThan(0);
    expect(values.get(`tideline_budget_blocked_seconds{${budget}}`)).toBeGreaterThan(1);
    expect(values.get(`tideline_budget_calls_total{${budget}}`)).toBeGreaterThanOrEqual(10);
    expect(values.get('tideline_watermark_lag_seconds{shop="shop-1",stream="orders"}')).toBeGreaterThan(99);
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('shows events, deliveries, what waits, refused webhooks and coverage that dropped', async () => {
    const values = await read();
    expect(Object.fromEntries(values)).toMatchObject({
      'tideline_conversion_events_total{source="api"}': 30,
      'tideline_conversion_events_total{source="stripe"}': 30,
      'tideline_deliveries{destination="pixel",status="DELIVERED"}': 59,
      'tideline_deliveries{destination="pixel",status="RETRYING"}': 1,
      'tideline_delivery_retries_total{destination="pixel"}': 2,
      'tideline_delivery_oldest_due_seconds{destination="other"}': 0,
      'tideline_destination_status{destination="other",status="paused"}': 1,
      'tideline_webhooks_refused_total{source="stripe"}': 1,
      'tideline_webhooks_refused_total{source="acuity"}': 0,
      'tideline_coverage_dropped_percent{destination="pixel",parameter="email"}': 0,
    });
    expect(values.get('tideline_delivery_oldest_due_seconds{destination="pixel"}')).toBeGreaterThan(49);
    expect(values.has('tideline_coverage_dropped_percent{destination="pixel",parameter="ttp"}')).toBe(false);
  });

  it('says type and meaning of each figure, and nothing that is secret or somebody’s own', async () => {
    const text = await (await api.get('/metrics')).text();
    const names = new Set([...text.matchAll(/^(tideline_\w+)[ {]/gm)].map(([, name]) => name));
    for (const name of names) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} .{10,}$`, 'm'));
      expect(text).toMatch(
        new RegExp(`^# TYPE ${name} ${name?.endsWith('_total') ? 'counter' : 'gauge'}$`, 'm'),
      );
    }
    expect(names.size).toBeGreaterThan(15);
    expect(text).not.toContain('business');
    expect(text).not.toContain('7shop-1');
  });

  it('shows a key only the shops that it may see, and no machines', async () => {
    const { key } = await createKey(api.sql, { name: 'one shop', scopes: ['read'], shopIds: ['shop-2'] });
    const names = [...(await read(key)).keys()];
    expect(names.some((name) => name.includes('shop-2'))).toBe(true);
    expect(
      names.filter(
        (name) => name.includes('shop-1') || /worker|process|nodejs|deliver|conversion/.test(name),
      ),
    ).toEqual([]);
  });

  it('wants a key with the scope read, and no parameters', async () => {
    expect((await api.get('/metrics', null)).status).toBe(401);
    const { key } = await createKey(api.sql, { name: 'no reader', scopes: ['sync'], shopIds: null });
    expect((await api.get('/metrics', key)).status).toBe(403);
    expect((await api.get('/metrics?x=1')).status).toBe(400);
  });

  it('forgets a worker that stopped, and one that says nothing any more', async () => {
    await removeWorkerState(api.sql, 'wrk_1');
    expect([...(await read()).keys()].filter((name) => name.includes('wrk_1'))).toEqual([]);
    await writeWorkerState(api.sql, worker);
    await api.sql`update worker_states set seen_at = now() - interval '1 minute'`;
    expect([...(await read()).keys()].filter((name) => name.includes('wrk_1'))).toEqual([]);
  });
});
