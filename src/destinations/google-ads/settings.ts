import { z } from 'zod';
import { commonSettings } from '../settings.ts';
import { googleAdsApiVersion } from './api-version.ts';

/** `123-456-7890` as people see it in Google Ads. */
const accountId = z
  .string()
  .trim()
  .max(30)
  .transform((text) => text.replace(/[\s-]/g, ''))
  .pipe(z.string().regex(/^\d{0,20}$/, 'must be the digits of an account, such as 123-456-7890'))
  .transform((digits) => (digits === '' ? undefined : digits))
  .optional();

/** Its number, or the resource name that ends in it. */
const conversionAction = z
  .string()
  .trim()
  .max(100)
  .transform((text) => text.replace(/^customers\/\d+\/conversionActions\//, ''))
  .pipe(z.string().regex(/^\d{0,20}$/, 'must be the number of a conversion action'))
  .transform((digits) => (digits === '' ? undefined : digits))
  .optional();

const consent = z.enum(['granted', 'denied']).optional();

/**
 * Settings of one Google Ads account. `event_actions` gives an event a conversion action of its own; the others share
 * `conversion_action`. No click counts for longer than 90 days ("About conversion windows"); how old an event may be is
 * not documented.
 */
export const settingsSchema = z.strictObject({
  ...commonSettings({ web: 90, app: 90, offline: 90, crm: 90 }),
  upload_api: z.enum(['data_manager', 'google_ads']).default('data_manager'),
  customer_id: accountId,
  /** The manager account through which the customer is reached. */
  login_customer_id: accountId,
  conversion_action: conversionAction,
  api_version: z
    .string()
    .regex(/^v\d{1,3}$/, 'must be a version of the Google Ads API such as v26')
    .default(googleAdsApiVersion),
  consent: z.strictObject({ ad_user_data: consent, ad_personalization: consent }).default({}),
  /** Seconds between two questions after what became of a request. */
  result_poll_seconds: z.number().min(1).max(86_400).default(30),
});

export type GoogleAdsSettings = z.infer<typeof settingsSchema>;

const secret = z.string().min(1).max(2_000);

export const secretsSchema = z.strictObject({
  client_id: secret,
  client_secret: secret,
  refresh_token: secret,
  /** Only `uploadClickConversions` asks for it. */
  developer_token: secret.optional(),
});

export type GoogleAdsSecrets = z.infer<typeof secretsSchema>;

/** @returns the variables that are missing, in the order of the documentation */
export function missingVariables(settings: GoogleAdsSettings, secrets: Partial<GoogleAdsSecrets>): string[] {
  const hasAction =
    settings.conversion_action !== undefined || Object.values(settings.event_actions).some(Boolean);
  const given: [string, boolean][] = [
    ['GOOGLE_ADS_CUSTOMER_ID', settings.customer_id !== undefined],
    ['GOOGLE_ADS_CONVERSION_ACTION', hasAction],
    ['GOOGLE_ADS_DEVELOPER_TOKEN', settings.upload_api === 'data_manager' || !!secrets.developer_token],
    ['GOOGLE_ADS_CLIENT_ID', !!secrets.client_id],
    ['GOOGLE_ADS_CLIENT_SECRET', !!secrets.client_secret],
    ['GOOGLE_ADS_REFRESH_TOKEN', !!secrets.refresh_token],
  ];
  return given.filter(([, present]) => !present).map(([name]) => name);
}
