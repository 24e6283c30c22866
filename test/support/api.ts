import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { pino } from 'pino';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { createApp } from '../../src/api/app.ts';
import type { ApiDependencies, ConsentResult, ShopRecord } from '../../src/api/dependencies.ts';
import { wireExports } from '../../src/api/export-control.ts';
import { wirePrivacy } from '../../src/api/privacy-control.ts';
import { loadConfig } from '../../src/config.ts';
import { createEventIntake } from '../../src/conversions/accept-events.ts';
import { type ConversionKey, createConversionKey } from '../../src/conversions/seal.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { AccessTokens } from '../../src/deliveries/access-tokens.ts';
import type { DeliveryTools } from '../../src/deliveries/tools.ts';
import { destinationKind } from '../../src/destinations/index.ts';
import { TidelineError } from '../../src/errors.ts';
import { createHttpClient } from '../../src/http/request.ts';
import { createSellerCenterControl } from '../../src/seller-center/control.ts';
import { createDataKeys, type DataKeys } from '../../src/shops/data-keys.ts';
import type { Run, ScheduleSettings, StreamStatus } from '../../src/sync/types.ts';
import { createWebhookInbox } from '../../src/webhooks/receive-webhooks.ts';
import { createTestDatabase } from './database.ts';

export const environmentKey = 'the key of the environment';
/** What the sources of webhooks sign with. */
export const acuityApiKey = 'the api key of acuity';
export const stripeSecret = 'whsec_test';

/** What a test sees and sets of the parts that are not under test. */
export interface FakeWorld {
  runs: Map<string, Run>;
  started: unknown[];
  controlled: string[];
  schedules: Map<string, ScheduleSettings>;
  consents: unknown[];
  consentResult: ConsentResult;
  faults: { name: string; fault: string | null }[];
  log: string[];
  stopped: string[];
  resumed: string[];
  erasing: string[];
  /** Runs of exports that a worker was asked to write. */
  exporting: string[];
  rolledUp: string[];
  /** Sources whose webhooks were said to wait, in order. */
  webhooks: string[];
  /** Ids of the destinations that were woken, in order. */
  woken: string[];
  refreshed: string[];
  fullSyncAt: string | null;
}

export interface TestApi {
  app: ReturnType<typeof createApp>;
  sql: Sql;
  world: FakeWorld;
  dependencies: ApiDependencies;
  dataKeys: DataKeys;
  /** Where files of exports are looked for. */
  exportDirectory: string;
  /** A request with the environment's key, or another one; null for none. */
  get(path: string, key?: string | null): Promise<Response>;
  send(
    method: string,
    path: string,
    body?: unknown,
    key?: string | null,
    headers?: object,
  ): Promise<Response>;
  close(): Promise<void>;
}

/** The real app on a real database, with consent and sync control played by plain objects. */
export async function startTestApi(overrides: Partial<ApiDependencies> = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 4 });
  const world: FakeWorld = {
    runs: new Map(),
    started: [],
    controlled: [],
    schedules: new Map(),
    consents: [],
    consentResult: { outcome: 'refused', reason: 'auth_denied' },
    faults: [{ name: 'database', fault: null }],
    log: [],
    stopped: [],
    resumed: [],
    erasing: [],
    exporting: [],
    rolledUp: [],
    webhooks: [],
    woken: [],
    refreshed: [],
    fullSyncAt: null,
  };
  const stopping = new AbortController();
  const exportDirectory = mkdtempSync(join(tmpdir(), 'tideline-exports-'));
  const exports = wireExports({
    sql,
    databaseUrl: database.databaseUrl,
    temporal: exportStarter(world),
    temporalUiUrl: 'http://127.0.0.1:8233',
    log: pino({ level: 'trace' }, { write: (line: string) => void world.log.push(line) }),
    directory: exportDirectory,
    timed: (work) => work(),
  });
  const keyRing = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);
  const dataKeys = createDataKeys(keyRing);
  const conversionKey = createConversionKey(sql, dataKeys);
  const dependencies: ApiDependencies = {
    sql,
    logger: pino({ level: 'trace' }, { write: (line: string) => void world.log.push(line) }),
    settings: {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'https://tideline.example',
      apiKey: environmentKey,
      requestsPerSecond: 10_000,
      temporalUiUrl: 'http://127.0.0.1:8233',
      dashboardDirectory: 'dist/web',
      snippetFile: 'dist/snippet/tideline.js',
      version: '0.1.0',
    },
    shops: fakeShops(sql),
    consent: {
      begin: async (options) => {
        world.consents.push(options);
        return 'https://services.tiktokshop.example/open/authorize?service_id=1&state=s';
      },
      complete: async (answer) => {
        world.consents.push(answer);
        return world.consentResult;
      },
    },
    sync: fakeSync(world),
    privacy: wirePrivacy({
      sql,
      fingerprints: { buyerFingerprints: async () => (id) => Buffer.from(id).toString('hex') },
      finishOnWorker: async (shopId, erasureId) => void world.erasing.push(`${shopId} ${erasureId}`),
    }),
    sellerCenter: createSellerCenterControl({
      sql,
      dataKeys,
      config: loadConfig({}).sellerCenter,
    }),
    conversionKey,
    deliveryTools: testDeliveryTools(sql, conversionKey, world),
    wakeWebhooks: (sources) => void world.webhooks.push(...sources),
    inbox: createWebhookInbox({
      sql,
      conversionKey,
      secrets: { acuityApiKey, stripeSecrets: [stripeSecret] },
      wake: (sources) => void world.webhooks.push(...sources),
    }),
    exports,
    intake: createEventIntake({
      sql,
      conversionKey,
      wake: (ids) => void world.woken.push(...ids),
    }),
    readPersonal: async () => ({ recipient: { name: 'Kim' } }),
    checkReadiness: async () => world.faults,
    stopping: stopping.signal,
    verifyAnswers: true,
    ...overrides,
  };
  const app = createApp(dependencies);
  const send: TestApi['send'] = async (method, path, body, key = environmentKey, headers = {}) =>
    app.request(path, {
      method,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    app,
    sql,
    world,
    dependencies,
    dataKeys,
    exportDirectory,
    get: (path, key) => send('GET', path, undefined, key),
    send,
    async close() {
      stopping.abort();
      await exports.close();
      await sql.end();
      rmSync(exportDirectory, { recursive: true });
      await database.drop();
    },
  };
}

/** A Temporal that starts nothing, and so has nothing to cancel: tests write the files themselves. */
function exportStarter(world: FakeWorld): Client {
  const start = async (_type: string, { args }: { args: [{ runId: string }] }): Promise<void> => {
    world.exporting.push(args[0].runId);
  };
  const getHandle = (workflowId: string) => ({
    cancel: () => Promise.reject(new WorkflowNotFoundError('There is none.', workflowId, undefined)),
  });
  return { options: { namespace: 'default' }, workflow: { start, getHandle } } as unknown as Client;
}

/** Adds a connected shop; its id is `shop-N`, counted from 1. */
export async function addShop(sql: Sql, fields: Record<string, string | boolean> = {}): Promise<string> {
  const row = {
    tiktok_shop_id: `74${randomBytes(6).readUIntBE(0, 6)}`,
    name: 'Harbour Tea',
    region: 'US',
    currency: 'USD',
    time_zone: '-08:00',
    ...fields,
  };
  const [shop] = await sql<{ shop_id: string }[]>`insert into shops ${sql(row)} returning shop_id`;
  if (!shop) throw new Error('No shop was added.');
  return shop.shop_id;
}

/** A run as it stands in the middle of a full sync. */
export function exampleRun(shopId: string, fields: Partial<Run> = {}): Run {
  return {
    run_id: `run_${randomBytes(4).toString('hex')}`,
    shop_id: shopId,
    stream: 'orders',
    mode: 'full',
    status: 'running',
    started_at: '2026-03-01T08:00:00.000Z',
    finished_at: null,
    window: null,
    progress: { orders_done: 1200, orders_expected: 5000, percent: 24, rate_per_s: 310.5, eta_s: 12 },
    counts: { fetched: 1200, written: 1200, unchanged: 0, quarantined: 0, api_calls: 14, throttled: 0 },
    error: null,
    workflow_id: `orderSync/${shopId}`,
    temporal_ui_url: null,
    ...fields,
  };
}

/** The real functions, with the platforms where the test's environment says, and nobody to wake. */
function testDeliveryTools(sql: Sql, conversionKey: ConversionKey, world: FakeWorld): DeliveryTools {
  const http = createHttpClient({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
    maxResponseBytes: 1_000_000,
    connectionsPerOrigin: 4,
  });
  const { conversions: config } = loadConfig({ TIKTOK_TEST_SECRET: 'test-secret' });
  return {
    ...{ sql, conversionKey, config, http, findKind: destinationKind },
    tokens: new AccessTokens(http, config.origins),
    wake: (ids) => void world.woken.push(...ids),
  };
}

function fakeShops(sql: Sql): ApiDependencies['shops'] {
  const select = async (id: string | null): Promise<ShopRecord[]> => {
    const rows = await sql<(ShopRecord & { connected: Date })[]>`
      select shop_id as id, tiktok_shop_id, name, region, currency, time_zone, status, sync_enabled, last_error,
        connected_at as connected
      from shops
      where ${id}::text is null or shop_id in (${id}::text, 'shop-' || ${id}::text) or tiktok_shop_id = ${id}
      order by shop_id`;
    return rows.map(({ connected, ...row }) => ({
      ...row,
      connected_at: connected.toISOString(),
      access_token_expires_at: null,
      seller_center: 'off' as const,
    }));
  };
  const find = async (id: string): Promise<ShopRecord | null> => (await select(id))[0] ?? null;
  return {
    list: () => select(null),
    find,
    async update(shopId, { timeZone, syncEnabled }) {
      await sql`
        update shops set time_zone = coalesce(${timeZone ?? null}, time_zone),
          sync_enabled = coalesce(${syncEnabled ?? null}, sync_enabled)
        where shop_id = ${shopId}`;
      const shop = await find(shopId);
      if (shop === null) throw new Error('No such shop.');
      return shop;
    },
    async disconnect(shopId) {
      await sql`update shops set status = 'disconnected' where shop_id = ${shopId}`;
    },
  };
}

function fakeSync(world: FakeWorld): ApiDependencies['sync'] {
  return {
    readDays: async () => [],
    async start(request) {
      world.started.push(request);
      const run = exampleRun(request.shopId, { mode: request.mode });
      world.runs.set(run.run_id, run);
      const { run_id, workflow_id, mode, temporal_ui_url } = run;
      return { run_id, workflow_id, mode, already_running: false, temporal_ui_url };
    },
    async control(runId, action) {
      world.controlled.push(`${action} ${runId}`);
      const run = world.runs.get(runId);
      if (!run) throw new Error('No such run.');
      if (run.status === 'completed') {
        const message = 'The run is over.';
        throw new TidelineError({ code: 'run-finished', actor: 'user', status: 409, message });
      }
      return run;
    },
    async read(runId, shopIds) {
      const run = world.runs.get(runId);
      if (run !== undefined && (shopIds === null || shopIds.includes(run.shop_id))) return run;
      const message = 'There is no such run.';
      throw new TidelineError({ code: 'run-not-found', actor: 'user', status: 404, message });
    },
    list: async ({ shopIds, status, after, limit }) =>
      [...world.runs.values()]
        .sort((left, right) => (left.run_id < right.run_id ? 1 : -1))
        .filter((run) => shopIds === null || shopIds.includes(run.shop_id))
        .filter((run) => status === undefined || run.status === status)
        .filter((run) => after === undefined || run.run_id < after)
        .slice(0, limit),
    async status(shopId): Promise<StreamStatus> {
      const run = [...world.runs.values()].filter((one) => one.shop_id === shopId).at(-1);
      return {
        status: run?.status === 'running' ? 'running' : run?.status === 'paused' ? 'paused' : 'idle',
        metadata: {
          last_full_sync_at: world.fullSyncAt,
          last_full_sync_result: world.fullSyncAt === null ? null : 'complete',
          last_sync_at: world.fullSyncAt,
          watermark: world.fullSyncAt,
          orders_total: 1200,
          freshness: {
            newest_order_at: null,
            gap_s: null,
            usual_gap_s: null,
            usual_orders: null,
            state: 'unknown',
          },
          last_run: null,
        },
        progress: run?.progress ?? null,
        error: null,
      };
    },
    readSchedule: async (shopId, stream) =>
      world.schedules.get(`${shopId}/${stream}`) ?? { every: '5m', jitter: '30s', paused: false },
    async writeSchedule(shopId, stream, settings) {
      world.schedules.set(`${shopId}/${stream}`, settings);
      return settings;
    },
    ensureSchedules: async () => undefined,
    refreshOrder: async (shopId, orderId) => void world.refreshed.push(`${shopId} ${orderId}`),
    rollUpOrders: async (shopId) => void world.rolledUp.push(shopId),
    stopShop: async (shopId) => void world.stopped.push(shopId),
    resumeParked: async (shopId) => void world.resumed.push(shopId),
  };
}
