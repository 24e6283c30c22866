import { z } from 'zod';
import { oneOf, origin, secretText } from './config-values.ts';
import { readEventActions } from './destinations/event-actions.ts';
import { googleAdsApiVersion } from './destinations/google-ads/api-version.ts';
import { apiVersion as metaApiVersion } from './destinations/meta/api-version.ts';
import { TidelineError } from './errors.ts';

const upstream = origin({ prefix: true, plainHttp: false });

/** A short text that a person copied from a platform. */
const plainText = z.string().max(500, 'must be at most 500 characters');

const eventActions = z.string().transform((text, context) => {
  try {
    return readEventActions(text);
  } catch (error) {
    if (!(error instanceof TidelineError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be EVENT_NAME=PlatformEvent, separated by commas' });
    return z.NEVER;
  }
});

const countryCode = z.string().regex(/^[1-9]\d{0,2}$/, 'must be a country calling code such as 1 or 44');
const cookieName = z.string().regex(/^[\w.-]{1,64}$/, 'must be the name of a cookie');
const apiVersion = z.string().regex(/^v\d{1,3}(\.\d{1,2})?$/, 'must be a version such as v21.0');

/** What conversions read from the environment. */
export const conversionVariables = {
  TIKTOK_EVENTS_API_URL: upstream.prefault('https://business-api.tiktok.com'),
  TIKTOK_PIXEL_ID: plainText.optional(),
  TIKTOK_ACCESS_TOKEN: secretText.optional(),
  TIKTOK_TEST_EVENT_CODE: plainText.optional(),
  TIKTOK_DEFAULT_PHONE_COUNTRY_CODE: countryCode.prefault('1'),
  TIKTOK_EVENT_ACTIONS: eventActions.optional(),
  TIKTOK_EVENT_NAMES: oneOf(['legacy', 'current']).prefault('legacy'),
  TIKTOK_TTCLID_COOKIE: cookieName.prefault('ttclid'),
  TIKTOK_PARTNER_NAME: plainText.optional(),
  TIKTOK_TEST_SECRET: secretText.optional(),
  META_GRAPH_API_URL: upstream.prefault('https://graph.facebook.com'),
  META_API_VERSION: apiVersion.prefault(metaApiVersion),
  META_PIXEL_ID: plainText.optional(),
  META_ACCESS_TOKEN: secretText.optional(),
  META_TEST_EVENT_CODE: plainText.optional(),
  META_TEST_SECRET: secretText.optional(),
  GOOGLE_DATA_MANAGER_URL: upstream.prefault('https://datamanager.googleapis.com'),
  GOOGLE_ADS_API_URL: upstream.prefault('https://googleads.googleapis.com'),
  GOOGLE_ADS_API_VERSION: apiVersion.prefault(googleAdsApiVersion),
  GOOGLE_OAUTH_URL: upstream.prefault('https://oauth2.googleapis.com'),
  GOOGLE_UPLOAD_API: oneOf(['data_manager', 'google_ads']).prefault('data_manager'),
  GOOGLE_ADS_CUSTOMER_ID: plainText.optional(),
  GOOGLE_ADS_LOGIN_CUSTOMER_ID: plainText.optional(),
  GOOGLE_ADS_CONVERSION_ACTION: plainText.optional(),
  GOOGLE_ADS_DEVELOPER_TOKEN: secretText.optional(),
  GOOGLE_ADS_CLIENT_ID: plainText.optional(),
  GOOGLE_ADS_CLIENT_SECRET: secretText.optional(),
  GOOGLE_ADS_REFRESH_TOKEN: secretText.optional(),
  GOOGLE_ADS_TEST_SECRET: secretText.optional(),
  OUTBOUND_MODE: oneOf(['live', 'mock']).prefault('live'),
};

type ConversionValues = z.infer<z.ZodObject<typeof conversionVariables>>;

export const conversionVariableFacts: Record<
  keyof typeof conversionVariables,
  { example: string; secret?: true }
> = {
  TIKTOK_EVENTS_API_URL: { example: 'https://business-api.tiktok.com' },
  TIKTOK_PIXEL_ID: { example: 'C4A1B2C3D4E5F6G7H8I9' },
  TIKTOK_ACCESS_TOKEN: { example: 'a-token-of-events-manager', secret: true },
  TIKTOK_TEST_EVENT_CODE: { example: 'TEST12345' },
  TIKTOK_DEFAULT_PHONE_COUNTRY_CODE: { example: '44' },
  TIKTOK_EVENT_ACTIONS: { example: 'TRIAL_BOOKED=CompleteRegistration' },
  TIKTOK_EVENT_NAMES: { example: 'current' },
  TIKTOK_TTCLID_COOKIE: { example: 'ttclid' },
  TIKTOK_PARTNER_NAME: { example: 'Harbour' },
  TIKTOK_TEST_SECRET: { example: 'a-long-random-text', secret: true },
  META_GRAPH_API_URL: { example: 'https://graph.facebook.com' },
  META_API_VERSION: { example: 'v21.0' },
  META_PIXEL_ID: { example: '123456789012345' },
  META_ACCESS_TOKEN: { example: 'a-token-of-events-manager', secret: true },
  META_TEST_EVENT_CODE: { example: 'TEST12345' },
  META_TEST_SECRET: { example: 'a-long-random-text', secret: true },
  GOOGLE_DATA_MANAGER_URL: { example: 'https://datamanager.googleapis.com' },
  GOOGLE_ADS_API_URL: { example: 'https://googleads.googleapis.com' },
  GOOGLE_ADS_API_VERSION: { example: 'v26' },
  GOOGLE_OAUTH_URL: { example: 'https://oauth2.googleapis.com' },
  GOOGLE_UPLOAD_API: { example: 'google_ads' },
  GOOGLE_ADS_CUSTOMER_ID: { example: '1234567890' },
  GOOGLE_ADS_LOGIN_CUSTOMER_ID: { example: '9876543210' },
  GOOGLE_ADS_CONVERSION_ACTION: { example: '123456789' },
  GOOGLE_ADS_DEVELOPER_TOKEN: { example: 'a-token-of-the-api-center', secret: true },
  GOOGLE_ADS_CLIENT_ID: { example: '123-abc.apps.googleusercontent.com' },
  GOOGLE_ADS_CLIENT_SECRET: { example: 'a-secret-of-the-cloud-console', secret: true },
  GOOGLE_ADS_REFRESH_TOKEN: { example: 'a-refresh-token', secret: true },
  GOOGLE_ADS_TEST_SECRET: { example: 'a-long-random-text', secret: true },
  OUTBOUND_MODE: { example: 'mock' },
};

/** A destination as the environment describes it: only what is set. */
export interface EnvironmentDestination {
  id: 'tiktok' | 'meta' | 'google_ads';
  name: string;
  settings: Record<string, unknown>;
  secrets: Record<string, string>;
  /** Whether anything of it is set. */
  isGiven: boolean;
}

export interface ConversionConfig {
  outboundMode: 'live' | 'mock';
  /** Where the platforms are: origins with an optional prefix, no trailing slash. */
  origins: {
    tiktokEvents: string;
    metaGraph: string;
    googleDataManager: string;
    googleAds: string;
    googleOauth: string;
  };
  destinations: EnvironmentDestination[];
  /** What opens `/api/test/…`; null: that route is closed. */
  testSecrets: { tiktok: string | null; meta: string | null; googleAds: string | null };
  /** The cookie in which sites keep TikTok's click id. */
  ttclidCookie: string;
}

export function readConversionConfig(values: ConversionValues): ConversionConfig {
  const testSecret = values.TIKTOK_TEST_SECRET ?? null;
  return {
    outboundMode: values.OUTBOUND_MODE,
    origins: {
      tiktokEvents: values.TIKTOK_EVENTS_API_URL,
      metaGraph: values.META_GRAPH_API_URL,
      googleDataManager: values.GOOGLE_DATA_MANAGER_URL,
      googleAds: values.GOOGLE_ADS_API_URL,
      googleOauth: values.GOOGLE_OAUTH_URL,
    },
    destinations: environmentDestinations(values),
    testSecrets: {
      tiktok: testSecret,
      meta: values.META_TEST_SECRET ?? testSecret,
      googleAds: values.GOOGLE_ADS_TEST_SECRET ?? testSecret,
    },
    ttclidCookie: values.TIKTOK_TTCLID_COOKIE,
  };
}

function environmentDestinations(values: ConversionValues): EnvironmentDestination[] {
  const phoneCountry = { phone_country_code: values.TIKTOK_DEFAULT_PHONE_COUNTRY_CODE };
  const destination = (
    id: EnvironmentDestination['id'],
    name: string,
    given: Record<string, unknown>,
    secrets: Record<string, string | undefined>,
    defaults: Record<string, unknown>,
  ): EnvironmentDestination => {
    const set = onlySet(given);
    const known = onlySet(secrets) as Record<string, string>;
    const isGiven = Object.keys(set).length + Object.keys(known).length > 0;
    return { id, name, settings: { ...defaults, ...set }, secrets: known, isGiven };
  };
  return [
    destination(
      'tiktok',
      'TikTok',
      {
        pixel_id: values.TIKTOK_PIXEL_ID,
        test_event_code: values.TIKTOK_TEST_EVENT_CODE,
        event_actions: values.TIKTOK_EVENT_ACTIONS,
        partner_name: values.TIKTOK_PARTNER_NAME,
      },
      { access_token: values.TIKTOK_ACCESS_TOKEN },
      { ...phoneCountry, event_names: values.TIKTOK_EVENT_NAMES },
    ),
    destination(
      'meta',
      'Meta',
      { pixel_id: values.META_PIXEL_ID, test_event_code: values.META_TEST_EVENT_CODE },
      { access_token: values.META_ACCESS_TOKEN },
      { ...phoneCountry, api_version: values.META_API_VERSION },
    ),
    destination(
      'google_ads',
      'Google Ads',
      {
        customer_id: values.GOOGLE_ADS_CUSTOMER_ID,
        login_customer_id: values.GOOGLE_ADS_LOGIN_CUSTOMER_ID,
        conversion_action: values.GOOGLE_ADS_CONVERSION_ACTION,
      },
      {
        developer_token: values.GOOGLE_ADS_DEVELOPER_TOKEN,
        client_id: values.GOOGLE_ADS_CLIENT_ID,
        client_secret: values.GOOGLE_ADS_CLIENT_SECRET,
        refresh_token: values.GOOGLE_ADS_REFRESH_TOKEN,
      },
      {
        ...phoneCountry,
        upload_api: values.GOOGLE_UPLOAD_API,
        api_version: values.GOOGLE_ADS_API_VERSION,
      },
    ),
  ];
}

function onlySet(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
