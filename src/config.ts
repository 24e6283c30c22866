import { join } from 'node:path';
import { type ConversionConfig, readConversionConfig } from './config-conversions.ts';
import { readEnvironment } from './config-schema.ts';
import { readSellerCenterConfig } from './config-seller-center.ts';
import type { LogLevel } from './config-values.ts';
import type { SellerCenterConfig } from './seller-center/settings.ts';

export type { LogLevel } from './config-values.ts';

/** The whole configuration of a process, validated. Built by `loadConfig` from the environment. */
export interface Config {
  host: string;
  port: number;
  /** Absolute. */
  dataDirectory: string;
  /** Absolute; downloaded and built servers, shared by all data directories. */
  cacheDirectory: string;
  /** Origin under which browsers reach the dashboard, no trailing slash. */
  publicUrl: string;
  /** Set: an own PostgreSQL; unset: the embedded one. */
  databaseUrl: string | null;
  /** `id:base64key[,…]`, newest first; null until the embedded installation has made its own. */
  encryptionKeys: string | null;
  /** Data directory that `encryptionKeys` came from and where they may change meanwhile; null: they do not change. */
  encryptionKeysDirectory: string | null;
  apiKey: string | null;
  /** Most requests a second that one key may send. */
  apiRequestsPerSecond: number;
  logLevel: LogLevel;
  /** Days after delivery for which names, addresses and the like are kept. */
  personalRetentionDays: number;
  /** Days after its access ended (disconnected, or the grant died) for which a shop's data is kept. */
  shopRetentionDays: number;
  /** Whether exchanges with platforms are also written into files of the data directory. */
  deliveryLog: boolean;
  exports: {
    /** Absolute; the same for the API and every worker. */
    directory: string;
    /** Hours that the file of an export is kept. */
    hoursToKeep: number;
  };
  /** Whether new payloads in Temporal are encrypted. */
  temporalCodec: boolean;
  /** Base address of Temporal's UI, no trailing slash; null: that of the embedded server, if it is used. */
  temporalUiUrl: string | null;
  /** Acuity Scheduling: whose appointments are read, and the key that signs its webhooks. */
  acuity: {
    userId: string | null;
    apiKey: string | null;
    /** Origin with an optional prefix, no trailing slash. */
    apiUrl: string;
  };
  /** Any of them may have signed; empty: no webhook of Stripe is taken. */
  stripeWebhookSecrets: readonly string[];
  conversions: ConversionConfig;
  sellerCenter: SellerCenterConfig;
  tiktokShop: {
    appKey: string | null;
    appSecret: string | null;
    serviceId: string | null;
    redirectUri: string | null;
    /** Origins with an optional prefix, no trailing slash. */
    apiUrl: string;
    authUrl: string;
    authorizeUrl: string;
    sandbox: boolean;
    /** Upper bound of the request rate of one shop and endpoint family, calls per second. */
    requestsPerSecond: number;
    /** Slices that one shop's history is read in side by side. */
    parallelSlices: number;
  };
}

/**
 * Reads and validates every variable at once.
 *
 * @throws TidelineError for the operator that lists everything wrong: variable, fault, example. Values of secret
 * variables are never in it.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const values = readEnvironment(environment);
  return {
    host: values.HOST,
    port: values.PORT,
    dataDirectory: values.TIDELINE_DATA_DIR,
    cacheDirectory: values.TIDELINE_CACHE_DIR,
    publicUrl: values.TIDELINE_PUBLIC_URL ?? defaultPublicUrl(values.HOST, values.PORT),
    databaseUrl: values.DATABASE_URL ?? null,
    encryptionKeys: values.TIDELINE_ENCRYPTION_KEYS ?? null,
    encryptionKeysDirectory: values.TIDELINE_ENCRYPTION_KEYS_DIR ?? null,
    apiKey: values.TIDELINE_API_KEY ?? null,
    apiRequestsPerSecond: values.TIDELINE_API_REQUESTS_PER_SECOND,
    logLevel: values.LOG_LEVEL,
    personalRetentionDays: values.TIDELINE_PERSONAL_RETENTION_DAYS,
    shopRetentionDays: values.TIDELINE_SHOP_RETENTION_DAYS,
    deliveryLog: values.TIDELINE_DELIVERY_LOG,
    exports: {
      directory: values.TIDELINE_EXPORT_DIR ?? join(values.TIDELINE_DATA_DIR, 'exports'),
      hoursToKeep: values.TIDELINE_EXPORT_RETENTION_HOURS,
    },
    temporalCodec: values.TIDELINE_TEMPORAL_CODEC,
    temporalUiUrl: values.TIDELINE_TEMPORAL_UI_URL ?? null,
    acuity: {
      userId: values.ACUITY_USER_ID ?? null,
      apiKey: values.ACUITY_API_KEY ?? null,
      apiUrl: values.ACUITY_API_URL,
    },
    stripeWebhookSecrets: values.STRIPE_WEBHOOK_SECRET?.split(',').filter((one) => one !== '') ?? [],
    conversions: readConversionConfig(values),
    sellerCenter: readSellerCenterConfig(values, join(values.TIDELINE_DATA_DIR, 'signers')),
    tiktokShop: {
      appKey: values.TIKTOK_SHOP_APP_KEY ?? null,
      appSecret: values.TIKTOK_SHOP_APP_SECRET ?? null,
      serviceId: values.TIKTOK_SHOP_SERVICE_ID ?? null,
      redirectUri: values.TIKTOK_REDIRECT_URI ?? null,
      apiUrl: values.TIKTOK_SHOP_API_URL,
      authUrl: values.TIKTOK_SHOP_AUTH_URL,
      authorizeUrl: values.TIKTOK_SHOP_AUTHORIZE_URL,
      sandbox: values.TIKTOK_SANDBOX,
      requestsPerSecond: values.TIDELINE_REQUESTS_PER_SECOND,
      parallelSlices: values.TIDELINE_PARALLEL_SLICES,
    },
  };
}

function defaultPublicUrl(host: string, port: number): string {
  // "All addresses" is nothing that a browser could open.
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
