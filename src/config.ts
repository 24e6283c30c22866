/** The whole configuration of a process, validated. Built by `loadConfig` from the environment and the data directory. */
export interface Config {
  host: string;
  port: number;
  dataDirectory: string;
  cacheDirectory: string;
  /** Origin under which browsers reach the dashboard, no trailing slash. */
  publicUrl: string;
  /** Set: an own PostgreSQL; unset: the embedded one. */
  databaseUrl: string | null;
  /** `id:base64key[,…]`, newest first; null until the embedded installation has made its own. */
  encryptionKeys: string | null;
  apiKey: string | null;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
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
