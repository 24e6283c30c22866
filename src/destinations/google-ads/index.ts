import type { DestinationKind, Mapping } from '../destination-kind.ts';
import { largestAgeMs } from '../settings.ts';
import { tokens } from './access-tokens.ts';
import { conversionActionOf } from './conversion-actions.ts';
import { entryOf, type GoogleAdsEntry } from './payload.ts';
import { readIngest, readStatus } from './read-ingest.ts';
import { readUpload } from './read-upload.ts';
import { ingestRequest, statusRequest, uploadRequest } from './requests.ts';
import {
  type GoogleAdsSecrets,
  type GoogleAdsSettings,
  missingVariables,
  secretsSchema,
  settingsSchema,
} from './settings.ts';

/**
 * Google Ads, by the Data Manager API (`events:ingest`) or, for developer tokens that still may, by
 * `uploadClickConversions`. Both know an event by its order id alone, which is the event's id here, and for good.
 */
export const googleAds: DestinationKind<GoogleAdsSettings, GoogleAdsSecrets, GoogleAdsEntry> = {
  kind: 'google_ads',
  label: 'GOOGLE_ADS',
  settingsSchema,
  secretsSchema,
  mappingVersion: 1,
  batchSize: 2_000,
  // An order id counts once for good; after 90 days nothing counts.
  dedupWindowMs: 90 * 86_400_000,
  // Data Manager takes 300 requests a minute and project.
  requestsPerSecond: 4,
  largestAgeMs: (event, settings) => largestAgeMs(event.medium, settings),
  origin: (origins, { upload_api }) =>
    upload_api === 'data_manager' ? origins.googleDataManager : origins.googleAds,
  listField: ({ upload_api }) => (upload_api === 'data_manager' ? 'events' : 'conversions'),

  missing(settings, secrets) {
    const names = missingVariables(settings, secrets);
    return names.length === 0 ? null : `Missing env: ${names.join(', ')}`;
  },

  platformEvent: conversionActionOf,

  map(event, settings): Mapping<GoogleAdsEntry> {
    const conversionAction = conversionActionOf(event.event_name, settings);
    if (conversionAction === null)
      return { skip: `No Google Ads conversion action for: ${event.event_name}` };
    const entry = entryOf(event, conversionAction, settings);
    return entry === null
      ? { skip: 'Missing gclid/gbraid/wbraid and user identifiers (email/phone)' }
      : { entry };
  },

  batchKey: ({ conversionAction, validateOnly }) => `${conversionAction}${validateOnly ? ' test' : ''}`,

  request: (entries, _, settings) =>
    settings.upload_api === 'data_manager'
      ? ingestRequest(entries, settings)
      : uploadRequest(entries, settings),

  authorize: (request, { developer_token }, accessToken) => ({
    ...request,
    headers: {
      ...request.headers,
      authorization: `Bearer ${accessToken ?? ''}`,
      ...(developer_token !== undefined && request.path.endsWith(':uploadClickConversions')
        ? { 'developer-token': developer_token }
        : {}),
    },
  }),

  read: (answer, entries, settings) =>
    settings.upload_api === 'data_manager'
      ? readIngest(answer, entries, settings)
      : readUpload(answer, entries),

  later: { request: statusRequest, read: readStatus },
  tokens,
};
