import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createAnalyticsActivities } from '../activities/analytics/index.ts';
import { createDeliveryActivities } from '../activities/deliveries.ts';
import { createExportActivities } from '../activities/exports.ts';
import { createOrderConversionActivities } from '../activities/order-conversions.ts';
import { createOrderActivities } from '../activities/orders/index.ts';
import { openPageThreads } from '../activities/orders/page-threads.ts';
import { createProductActivities } from '../activities/products/index.ts';
import { createReconciliationActivities } from '../activities/reconciliation/index.ts';
import { createRetentionActivities } from '../activities/retention.ts';
import { createRunActivities } from '../activities/runs.ts';
import { createStarterActivities } from '../activities/starter.ts';
import { createTokenActivities } from '../activities/tokens.ts';
import { createWebhookActivities } from '../activities/webhooks.ts';
import { createRequestBudget } from '../budget/request-budget.ts';
import { type Config, loadConfig } from '../config.ts';
import { createEventIntake } from '../conversions/accept-events.ts';
import { type ConversionKey, createConversionKey } from '../conversions/seal.ts';
import { seedDestinations } from '../conversions/seed-destinations.ts';
import { createDeliveryWaker } from '../conversions/wake-deliveries.ts';
import { watchCoverage } from '../conversions/watch-coverage.ts';
import { createCallLog } from '../db/call-log.ts';
import { createDriftLedger } from '../db/drift-ledger.ts';
import { openPool, type Sql } from '../db/pool.ts';
import { requireSchema } from '../db/require-schema.ts';
import { AccessTokens } from '../deliveries/access-tokens.ts';
import { createDeliveryLog, noDeliveryLog } from '../deliveries/delivery-log.ts';
import type { Pace } from '../deliveries/pace.ts';
import { ensureDeliverySchedule } from '../deliveries/schedule.ts';
import { destinationKind } from '../destinations/index.ts';
import { TidelineError } from '../errors.ts';
import { createHttpClient } from '../http/request.ts';
import { isMainModule } from '../is-main-module.ts';
import { createLog, type Log, temporalLogger } from '../log.ts';
import { createPersonalData } from '../privacy/personal-data.ts';
import { ensureRetentionSchedule } from '../privacy/retention-schedule.ts';
import { createSellerCenter } from '../seller-center/index.ts';
import { prepareGivenTemporal } from '../servers/given-temporal.ts';
import { openKeyRing } from '../servers/open-key-ring.ts';
import { givenTemporalAddress } from '../servers/temporal-address.ts';
import { createAccessProvider } from '../shops/access-provider.ts';
import { checkKeyRing, createDataKeys } from '../shops/data-keys.ts';
import { createAcuityClient } from '../sources/acuity/client.ts';
import { createAuthClient } from '../sources/tiktok-shop/auth.ts';
import { createTikTokShopClient } from '../sources/tiktok-shop/client.ts';
import { createUpstreamClock } from '../sources/tiktok-shop/clock.ts';
import { endpoints } from '../sources/tiktok-shop/endpoints.ts';
import { authClientWithoutApp, clientWithoutApp } from '../sources/tiktok-shop/without-app.ts';
import { restoreSchedules } from '../sync/shop-runs.ts';
import { connectTemporal, createDataConverter, type TemporalAddress } from '../temporal/connection.ts';
import { taskQueue } from '../temporal/names.ts';
import { ensureWebhookSchedule } from '../webhooks/wake-processing.ts';
import { workflowBundlePath } from './build-bundle.ts';
import { reportState } from './report-state.ts';

/** Connections of one worker: writes are short, and two cores gain nothing from more of them. */
const poolSize = 8;
/** Files of lists that are written at once; more of them would only be slower together. */
const exportsAtOnce = 2;
/** Dozens of times a usual page of orders. Some of them may be in memory at once; a larger one is asked for in parts. */
const largestPage = 16 * 1024 * 1024;
/**
 * Activities at once, and connections to TikTok with them. Most of them wait for an answer, which costs nothing: there
 * are enough for a few shops whose calls hang and all the others. Memory is bounded by the slices of each shop.
 */
const activitySlots = 256;
/** Platforms answer a batch with a line or two, or a line for each of 2,000 events. */
const largestAnswer = 4 * 1024 * 1024;
const millisecondsToDrain = 5_000;

function required<Value>(value: Value | null, variable: string): Value {
  if (value !== null) return value;
  throw new TidelineError({
    code: 'configuration',
    message: `${variable} is not set.`,
    actor: 'operator',
    action: `Set ${variable}, or start everything together with npm start.`,
  });
}

/** Everything that activities work with, for one process. */
async function assemble(config: Config, address: TemporalAddress, log: Log) {
  const sql = openPool(required(config.databaseUrl, 'DATABASE_URL'), {
    applicationName: 'tideline worker',
    maxConnections: poolSize,
    // A plan that was made and kept while a table was empty is a disaster once it holds a shop.
    settings: { plan_cache_mode: 'force_custom_plan' },
  });
  const readers = openPool(required(config.databaseUrl, 'DATABASE_URL'), {
    applicationName: 'tideline export',
    maxConnections: exportsAtOnce,
    settings: { plan_cache_mode: 'force_custom_plan' },
  });
  const encryptionKeys = required(config.encryptionKeys, 'TIDELINE_ENCRYPTION_KEYS');
  const keyRing = openKeyRing(encryptionKeys, config.encryptionKeysDirectory);
  const payloads = { keyRing, temporalCodec: config.temporalCodec };
  const { apiUrl, authUrl, requestsPerSecond, sandbox } = config.tiktokShop;
  await requireSchema(sql);
  await checkKeyRing(sql, keyRing);
  const { appKey, appSecret } = config.tiktokShop;
  const app = appKey === null || appSecret === null ? null : { appKey, appSecret };
  const clock = createUpstreamClock();
  const http = createHttpClient({
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 60_000,
    maxResponseBytes: largestPage,
    connectionsPerOrigin: activitySlots,
  });
  const callLog = createCallLog({ sql, log });
  const drift = createDriftLedger({ sql, log });
  const flush = async (): Promise<void> => {
    await Promise.all([callLog.flush(), drift.flush()]);
  };
  const authClient =
    app === null ? authClientWithoutApp : createAuthClient({ ...app, authUrl, apiUrl, http, clock, callLog });
  const access = createAccessProvider({ sql, keyRing, authClient, clock });
  const budget = createRequestBudget({ sql, appKey: appKey ?? '', requestsPerSecond, sandbox });
  const parallelSlices = (shopId: string): number =>
    Math.min(config.tiktokShop.parallelSlices, budget.parallelCalls(shopId, endpoints.searchOrders.family));
  const ports = { access, budget, callLog };
  const client =
    app === null ? clientWithoutApp : createTikTokShopClient({ ...app, apiUrl, ports, http, clock });
  const dataKeys = createDataKeys(keyRing);
  const { store: personal } = createPersonalData(sql, dataKeys, config.personalRetentionDays);
  const conversionKey = createConversionKey(sql, dataKeys);
  const temporal = await connectTemporal(address, payloads);
  const { temporalUiUrl, personalRetentionDays, shopRetentionDays } = config;
  await restoreSchedules({ sql, temporal, temporalUiUrl });
  await ensureRetentionSchedule(temporal);
  await ensureWebhookSchedule(temporal);
  const deliveryWaker = createDeliveryWaker({ temporal, log });
  const intake = createEventIntake({ sql, conversionKey, wake: (ids) => deliveryWaker.wake(ids) });
  const acuity = createAcuityClient({ http, ...config.acuity });
  await ensureDeliverySchedule(temporal);
  const deliveries = await prepareDeliveries(config, sql, conversionKey, log);
  const retention = { personalRetentionDays, shopRetentionDays };
  const { decodePage, close: closePageThreads } = openPageThreads();
  const sellerCenter = createSellerCenter({ sql, dataKeys, http, callLog, config: config.sellerCenter });
  const orders = { sql, client, clock, personal, drift, decodePage, parallelSlices, log };
  const activities = {
    ...createOrderActivities(orders),
    ...createReconciliationActivities({ ...orders, flush }),
    ...createProductActivities({ sql, client, clock, drift, log, flush }),
    ...createAnalyticsActivities({ sql, client, clock, drift, sellerCenter, log, flush }),
    ...createRunActivities({ sql, log, flush }),
    ...createStarterActivities({ sql, temporal, temporalUiUrl, log }),
    ...createRetentionActivities({ sql, temporal, temporalUiUrl, log, ...retention }),
    ...createWebhookActivities({ sql, conversionKey, intake, acuity, temporal, log }),
    ...createOrderConversionActivities({ sql, intake, personal, log }),
    ...createDeliveryActivities({ ...deliveries, sql, temporal, log }),
    ...createExportActivities({ sql, readers, log, ...config.exports }),
    ...createTokenActivities({ sql, keyRing, authClient, clock, log }),
  };
  const stopReporting = reportState({ sql, log, waiting: budget.waiting });
  const stopWatching = watchCoverage({ sql, log });
  const close = async (): Promise<void> => {
    await stopReporting();
    await stopWatching();
    await deliveryWaker.close();
    await callLog.close();
    await drift.flush();
    await http.close();
    await deliveries.http.close();
    await deliveries.deliveryLog.close();
    await closePageThreads();
    await temporal.connection.close();
    await readers.end({ timeout: 5 });
    await sql.end({ timeout: 5 });
  };
  return { activities, dataConverter: createDataConverter(address.namespace, payloads), close };
}

/** What deliveries work with beside the database: connections of their own, so that no shop's trouble becomes theirs. */
async function prepareDeliveries(config: Config, sql: Sql, conversionKey: ConversionKey, log: Log) {
  await seedDestinations(sql, await conversionKey(), destinationKind, config.conversions);
  const http = createHttpClient({
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
    maxResponseBytes: largestAnswer,
    connectionsPerOrigin: 32,
  });
  const { origins, outboundMode } = config.conversions;
  const tokens = new AccessTokens(http, origins);
  const deliveryLog = config.deliveryLog
    ? createDeliveryLog({ directory: join(config.dataDirectory, 'logs', 'deliveries'), log })
    : noDeliveryLog;
  return {
    ...{ http, tokens, origins, outboundMode, conversionKey, deliveryLog },
    findKind: destinationKind,
    paces: new Map<string, Pace>(),
  };
}

/** The worker process: runs workflows and activities until it is told to stop, then lets them reach a page's end. */
export async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog({ level: config.logLevel, component: 'worker' });
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const address = required(givenTemporalAddress(process.env), 'TEMPORAL_ADDRESS');
  await prepareGivenTemporal(address, process.env, (line) => log.info(line));
  const { activities, dataConverter, close } = await assemble(config, address, log);
  const { namespace } = address;
  const { connectionOptions } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue,
    workflowBundle: { codePath: workflowBundlePath },
    activities,
    maxConcurrentActivityTaskExecutions: activitySlots,
    maxCachedWorkflows: 200,
    // Together with a heartbeat timeout of five seconds these keep the promise of going on within ten after a crash.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    stickyQueueScheduleToStartTimeout: '2s',
    shutdownGraceTime: 0,
    shutdownForceTime: millisecondsToDrain,
  });
  log.info({ taskQueue, namespace }, 'worker is ready');
  try {
    await worker.run();
  } finally {
    await close();
    await connection.close();
    log.info('worker has stopped');
  }
}

if (isMainModule(import.meta.url)) {
  main().catch((error: unknown) => {
    const told = error instanceof TidelineError ? `${error.message} ${error.action ?? ''}`.trim() : error;
    console.error(told);
    process.exit(1);
  });
}
