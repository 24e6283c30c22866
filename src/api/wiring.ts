import type { Client } from '@temporalio/client';
import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Config } from '../config.ts';
import { createEventIntake } from '../conversions/accept-events.ts';
import { type ConversionKey, createConversionKey } from '../conversions/seal.ts';
import { createDeliveryWaker } from '../conversions/wake-deliveries.ts';
import { createCallLog } from '../db/call-log.ts';
import type { Sql } from '../db/pool.ts';
import { AccessTokens } from '../deliveries/access-tokens.ts';
import type { DeliveryTools } from '../deliveries/tools.ts';
import { destinationKind } from '../destinations/index.ts';
import { createHttpClient } from '../http/request.ts';
import type { Log } from '../log.ts';
import { createPersonalData } from '../privacy/personal-data.ts';
import { startShopErasure } from '../privacy/retention-schedule.ts';
import { createSellerCenterControl } from '../seller-center/control.ts';
import type { Installation } from '../servers/index.ts';
import { openKeyRing } from '../servers/open-key-ring.ts';
import { beginConsent, completeConsent } from '../shops/connect-shop.ts';
import { createDataKeys } from '../shops/data-keys.ts';
import { disconnectShop, findShop, listShops, updateShop } from '../shops/shops.ts';
import { createAuthClient } from '../sources/tiktok-shop/auth.ts';
import { createUpstreamClock } from '../sources/tiktok-shop/clock.ts';
import { appMissing } from '../sources/tiktok-shop/without-app.ts';
import { controlRun } from '../sync/control-run.ts';
import type { SyncDependencies } from '../sync/dependencies.ts';
import { readRhythm } from '../sync/freshness.ts';
import { startOrderRollUp } from '../sync/order-roll-up.ts';
import { readBackfillDays } from '../sync/read-backfill-days.ts';
import { listRuns, readRun } from '../sync/read-runs.ts';
import { countRecords, readStreamStatus } from '../sync/read-stream-status.ts';
import { refreshOrder } from '../sync/refresh-order.ts';
import { ensureSchedules, readSchedule, writeSchedule } from '../sync/schedules.ts';
import { resumeParkedRuns, stopShop } from '../sync/shop-runs.ts';
import { startSync } from '../sync/start-sync.ts';
import { createWaker } from '../temporal/waker.ts';
import { createWebhookInbox } from '../webhooks/receive-webhooks.ts';
import type { WebhookSource } from '../webhooks/sources.ts';
import { wakeWebhookProcessing } from '../webhooks/wake-processing.ts';
import type { ApiDependencies, ConsentControl, ShopControl, SyncControl } from './dependencies.ts';
import { wireExports } from './export-control.ts';
import { wirePrivacy } from './privacy-control.ts';
import { shareReads } from './shared-reads.ts';

/** A Temporal server that hangs must not hang a request: after this it counts as away. */
const temporalPatienceMs = 10_000;

export interface WiringOptions {
  config: Config;
  installation: Installation;
  sql: Sql;
  temporal: Client;
  log: Log;
}

/** What the API does with shops, consents, syncs and personal fields, on the real database and Temporal. */
export function wireControls(options: WiringOptions): Pick<
  ApiDependencies,
  | 'shops'
  | 'consent'
  | 'sync'
  | 'privacy'
  | 'sellerCenter'
  | 'intake'
  | 'conversionKey'
  | 'deliveryTools'
  | 'inbox'
  | 'exports'
  | 'wakeWebhooks'
  | 'readPersonal'
> & {
  close(): Promise<void>;
} {
  const { config, sql, installation, temporal, log } = options;
  const keyRing = openKeyRing(installation.encryptionKeys, config.encryptionKeysDirectory);
  const dataKeys = createDataKeys(keyRing);
  const personal = createPersonalData(sql, dataKeys, config.personalRetentionDays);
  const consent = wireConsent(options, keyRing);
  const conversionKey = createConversionKey(sql, dataKeys);
  const waker = createDeliveryWaker({ temporal, log });
  const webhookWaker = createWaker<WebhookSource>({
    signal: (source) => wakeWebhookProcessing(temporal, source),
    onFailure: (error, source) =>
      log.warn({ err: error, source }, 'could not wake the processing of webhooks; the schedule will'),
  });
  const delivery = wireDeliveries(options, conversionKey, (ids) => waker.wake(ids));
  const exports = wireExports({
    ...{ sql, temporal, log },
    databaseUrl: installation.databaseUrl,
    temporalUiUrl: config.temporalUiUrl ?? installation.temporal.uiUrl,
    directory: config.exports.directory,
    timed: (work) => temporal.connection.withDeadline(Date.now() + temporalPatienceMs, work),
  });
  const wakeWebhooks = (sources: readonly WebhookSource[]): void => webhookWaker.wake(sources);
  return {
    shops: wireShops(sql),
    sync: wireSync(options),
    privacy: wirePrivacy({
      sql,
      fingerprints: personal.fingerprints,
      finishOnWorker: (shopId, erasureId) =>
        temporal.connection.withDeadline(Date.now() + temporalPatienceMs, () =>
          startShopErasure(temporal, shopId, erasureId),
        ),
    }),
    sellerCenter: createSellerCenterControl({ sql, dataKeys, config: config.sellerCenter }),
    intake: createEventIntake({ sql, conversionKey, wake: (ids) => waker.wake(ids) }),
    conversionKey,
    deliveryTools: delivery.tools,
    wakeWebhooks,
    inbox: createWebhookInbox({
      sql,
      conversionKey,
      secrets: { acuityApiKey: config.acuity.apiKey, stripeSecrets: config.stripeWebhookSecrets },
      wake: wakeWebhooks,
    }),
    exports,
    consent: consent.control,
    async readPersonal(scope, orderId) {
      const fields = await personal.store.read(sql, scope.shopId, orderId);
      return fields === null ? null : { ...fields };
    },
    async close() {
      await Promise.all([waker.close(), webhookWaker.close()]);
      await consent.close();
      await delivery.close();
      await exports.close();
    },
  };
}

function wireDeliveries(
  { config, sql }: WiringOptions,
  conversionKey: ConversionKey,
  wake: DeliveryTools['wake'],
): { tools: DeliveryTools; close(): Promise<void> } {
  const http = createHttpClient({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 15_000,
    bodyTimeoutMs: 15_000,
    maxResponseBytes: 4 * 1024 * 1024,
    connectionsPerOrigin: 4,
  });
  const tokens = new AccessTokens(http, config.conversions.origins);
  const findKind = destinationKind;
  return {
    tools: { sql, conversionKey, findKind, config: config.conversions, http, tokens, wake },
    close: () => http.close(),
  };
}

function wireShops(sql: Sql): ShopControl {
  return {
    list: () => listShops(sql),
    find: (id) => findShop(sql, id),
    update: (shopId, changes) => updateShop(sql, shopId, changes),
    disconnect: (shopId) => disconnectShop(sql, shopId),
  };
}

/** A rhythm of eight weeks does not change in a minute, and takes longer to count than all else of a status. */
const rhythmFreshMs = 60_000;
const countFreshMs = 1_000;

function wireSync({ sql, temporal, installation, config }: WiringOptions): SyncControl {
  const temporalUiUrl = config.temporalUiUrl ?? installation.temporal.uiUrl;
  const links = { temporalUiUrl, namespace: temporal.options.namespace };
  const dependencies: SyncDependencies = { sql, temporal, temporalUiUrl };
  const statusOptions = {
    links,
    rhythmOf: shareReads((shopId: string) => readRhythm(sql, shopId), { freshMs: rhythmFreshMs }),
    ordersOf: shareReads((shopId: string, _lastRun: string) => countRecords(sql, shopId, 'orders'), {
      freshMs: countFreshMs,
    }),
  };
  const timed = <Result>(work: () => Promise<Result>): Promise<Result> =>
    temporal.connection.withDeadline(Date.now() + temporalPatienceMs, work);
  return {
    start: ({ window, ...request }) =>
      timed(() =>
        startSync(dependencies, {
          ...request,
          ...(window ? { window: { from: new Date(window.from), to: new Date(window.to) } } : {}),
        }),
      ),
    async control(runId, action) {
      await timed(() => controlRun(dependencies, runId, action));
      return readRun(sql, runId, { links });
    },
    read: (runId, shopIds) => readRun(sql, runId, { shopIds, links }),
    readDays: (runId) => readBackfillDays(sql, runId),
    list: (filter) => listRuns(sql, { ...filter, links }),
    status: (shopId, stream) => readStreamStatus(sql, shopId, stream, statusOptions),
    readSchedule: (shopId, stream) => timed(() => readSchedule(temporal, shopId, stream)),
    writeSchedule: (shopId, stream, settings) =>
      timed(() => writeSchedule(temporal, shopId, stream, settings)),
    ensureSchedules: (shopId) => timed(() => ensureSchedules(temporal, shopId)),
    refreshOrder: (shopId, orderId) => refreshOrder(temporal, { shopId, orderId }),
    rollUpOrders: (shopId) => timed(() => startOrderRollUp(temporal, shopId)),
    stopShop: (shopId) => timed(() => stopShop(dependencies, shopId)),
    async resumeParked(shopId) {
      await timed(() => resumeParkedRuns(dependencies, shopId));
    },
  };
}

function wireConsent(
  { config, sql, log }: WiringOptions,
  keyRing: KeyRing,
): { control: ConsentControl; close(): Promise<void> } {
  const { appKey, appSecret, authUrl, apiUrl } = config.tiktokShop;
  const http = createHttpClient({
    connectTimeoutMs: 5000,
    headersTimeoutMs: 15_000,
    bodyTimeoutMs: 15_000,
    maxResponseBytes: 4 * 1024 * 1024,
    connectionsPerOrigin: 4,
  });
  const callLog = createCallLog({ sql, log });
  const clock = createUpstreamClock();
  const authClient =
    appKey === null || appSecret === null
      ? null
      : createAuthClient({ appKey, appSecret, authUrl, apiUrl, http, clock, callLog });
  const control: ConsentControl = {
    async begin({ binding, startSync: sync, choose }) {
      if (authClient === null) throw appMissing();
      return (await beginConsent({ sql, config, binding, sync, choose })).authorizeUrl;
    },
    async complete({ binding, ...query }) {
      if (authClient === null) throw appMissing();
      const now = () => clock.upstreamNow();
      const result = await completeConsent({ sql, config, keyRing, authClient, query, binding, now });
      if (result.outcome === 'refused') return result;
      const shopIds = result.shops.map((shop) => shop.shopId);
      return { outcome: 'connected', shopIds, startSync: result.startSync };
    },
  };
  return {
    control,
    async close() {
      await callLog.close();
      await http.close();
    },
  };
}
