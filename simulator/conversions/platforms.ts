import type { SimulatorClock } from '../clock.ts';
import { RateLimits } from '../platform/rate-limit.ts';
import { Ledger } from './ledger.ts';
import { Refusals } from './refusals.ts';

export const platformNames = ['tiktok', 'meta', 'google_ads'] as const;
export type PlatformName = (typeof platformNames)[number];

/** What is to be given to Tideline; nothing of it opens anything but a simulator. */
export const credentials = {
  tiktok: {
    pixel_ids: ['CSIMULATEDPIXEL00001', 'CSIMULATEDPIXEL00002', 'CSIMULATEDPIXEL00003'],
    app_id: '7300000000000000002',
    offline_event_set_id: '7300000000000000003',
    crm_event_set_id: '7300000000000000004',
    access_token: 'simulated-events-token-of-no-value',
  },
  meta: {
    pixel_ids: ['730000000000001', '730000000000002', '730000000000003'],
    access_token: 'simulated-graph-token-of-no-value',
  },
  google_ads: {
    customer_id: '7300000001',
    login_customer_id: '7300000009',
    conversion_actions: ['730001', '730002', '730003'],
    developer_token: 'simulated-developer-token',
    client_id: 'simulated-client.apps.example.com',
    client_secret: 'simulated-client-secret',
    refresh_token: 'simulated-refresh-token',
  },
  acuity: { user_id: '73001', api_key: 'simulated-acuity-key' },
} as const;

/** How a platform looks at the token of its destinations. */
export type TokenState = 'valid' | 'expired' | 'revoked' | 'no_permission';

/** What can be changed while the simulator runs. */
export interface ConversionSettings {
  /** Days after which web and app events are refused; offline and CRM events have the other bound. */
  largestAgeDays: number;
  largestAgeDaysOffline: number;
  /** Milliseconds until Data Manager knows what became of a request. */
  processingMs: number;
  /** Whether the developer token may still upload click conversions. */
  uploadAllowed: boolean;
  /** Seconds that Google's access tokens live. */
  accessTokenLifetime: number;
}

/** What became of a request to Data Manager; told once `doneAt` has come. */
export interface IngestedRequest {
  action: string;
  size: number;
  /** How many failed for each reason. */
  failures: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  doneAt: number;
}

const dedupWindowMs = 48 * 3_600_000;

/** The platforms that conversions go to, and the calendar that appointments come from. */
export class ConversionPlatforms {
  readonly clock: SimulatorClock;
  readonly limits = new RateLimits({ rate: 0, burst: 0 }, 0);
  readonly refusals = new Refusals();
  readonly tokens: Record<PlatformName, TokenState> = { tiktok: 'valid', meta: 'valid', google_ads: 'valid' };
  readonly settings: ConversionSettings = {
    largestAgeDays: 7,
    largestAgeDaysOffline: 28,
    processingMs: 0,
    uploadAllowed: true,
    accessTokenLifetime: 3_599,
  };
  /** Google's access tokens, and when they end. */
  readonly accessTokens = new Map<string, number>();
  /** Requests that Data Manager took in, by their ids. */
  readonly ingested = new Map<string, IngestedRequest>();
  /** Acuity's appointments by their ids. */
  readonly appointments = new Map<string, Record<string, unknown>>();
  readonly #ledgers = new Map<string, Ledger>();

  constructor(clock: SimulatorClock) {
    this.clock = clock;
  }

  /** The ledger of one event source: a pixel, an app, an offline set, a conversion action. */
  ledger(platform: PlatformName, source: string): Ledger {
    const name = `${platform} ${source}`;
    const found = this.#ledgers.get(name);
    if (found !== undefined) return found;
    // Google tells conversions apart by their order id for good.
    const ledger = new Ledger(platform === 'google_ads' ? Number.POSITIVE_INFINITY : dedupWindowMs);
    this.#ledgers.set(name, ledger);
    return ledger;
  }

  *ledgers(): Generator<{ platform: string; source: string; ledger: Ledger }> {
    for (const [name, ledger] of this.#ledgers) {
      const [platform = '', source = ''] = name.split(' ');
      yield { platform, source, ledger };
    }
  }

  forget(): void {
    this.#ledgers.clear();
    this.ingested.clear();
  }
}
