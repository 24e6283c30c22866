import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { createApp } from '../../src/api/app.ts';
import type { ApiDependencies } from '../../src/api/dependencies.ts';
import { wireExports } from '../../src/api/export-control.ts';
import { wirePrivacy } from '../../src/api/privacy-control.ts';
import { loadConfig } from '../../src/config.ts';
import { createEventIntake } from '../../src/conversions/accept-events.ts';
import { type ConversionKey, createConversionKey } from '../../src/conversions/seal.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { AccessTokens } from '../../src/deliveries/access-tokens.ts';
import type { DeliveryTools } from '../../src/deliveries/tools.ts';
import { destinationKind } from '../../src/destinations/index.ts';
import { createHttpClient } from '../../src/http/request.ts';
import { createSellerCenterControl } from '../../src/seller-center/control.ts';
import { createDataKeys, type DataKeys } from '../../src/shops/data-keys.ts';
import { createWebhookInbox } from '../../src/webhooks/receive-webhooks.ts';
import { createTestDatabase } from './database.ts';
import { exportStarter, type FakeWorld, fakeShops, fakeSync } from './fake-world.ts';

export const environmentKey = 'the key of the environment';
/** What the sources of webhooks sign with. */
export const acuityApiKey = 'the api key of acuity';
export const stripeSecret = 'whsec_test';

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
