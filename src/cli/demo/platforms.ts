import { loadConfig } from '../../config.ts';
import type { DemoSettings } from './settings.ts';

/** What the platforms of a simulator are opened with. */
export interface PlatformCredentials {
  tiktok: { pixel_ids: readonly string[]; access_token: string };
  meta: { pixel_ids: readonly string[]; access_token: string };
  google_ads: {
    customer_id: string;
    conversion_actions: readonly string[];
    client_id: string;
    client_secret: string;
    refresh_token: string;
  };
}

/** The variables that make destinations of them. */
export function platformEnvironment({ tiktok, meta, google_ads }: PlatformCredentials): NodeJS.ProcessEnv {
  return {
    TIKTOK_PIXEL_ID: tiktok.pixel_ids[0],
    TIKTOK_ACCESS_TOKEN: tiktok.access_token,
    META_PIXEL_ID: meta.pixel_ids[0],
    META_ACCESS_TOKEN: meta.access_token,
    GOOGLE_ADS_CUSTOMER_ID: google_ads.customer_id,
    GOOGLE_ADS_CONVERSION_ACTION: google_ads.conversion_actions[0],
    GOOGLE_ADS_CLIENT_ID: google_ads.client_id,
    GOOGLE_ADS_CLIENT_SECRET: google_ads.client_secret,
    GOOGLE_ADS_REFRESH_TOKEN: google_ads.refresh_token,
  };
}

/** The same settings, with the simulator's platforms as destinations. */
export function withPlatforms(settings: DemoSettings, credentials: PlatformCredentials): DemoSettings {
  const environment = { ...settings.environment, ...platformEnvironment(credentials) };
  return { ...settings, environment, config: loadConfig(environment) };
}
