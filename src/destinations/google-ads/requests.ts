import { compact } from '../compact.ts';
import type { PlatformRequest } from '../destination-kind.ts';
import { dataManagerApiVersion } from './api-version.ts';
import type { GoogleAdsEntry } from './payload.ts';
import type { GoogleAdsSettings } from './settings.ts';

const json = { 'content-type': 'application/json' };

/** `POST /v1/events:ingest`. */
export function ingestRequest(
  entries: readonly GoogleAdsEntry[],
  { customer_id, login_customer_id }: GoogleAdsSettings,
): PlatformRequest {
  const account = (accountId: string) => ({ accountType: 'GOOGLE_ADS', accountId });
  return {
    method: 'POST',
    path: `/${dataManagerApiVersion}/events:ingest`,
    headers: json,
    body: JSON.stringify({
      destinations: [
        compact({
          operatingAccount: account(customer_id ?? ''),
          loginAccount: login_customer_id === undefined ? undefined : account(login_customer_id),
          productDestinationId: entries[0]?.conversionAction,
        }),
      ],
      encoding: 'HEX',
      validateOnly: entries[0]?.validateOnly ?? false,
      events: entries.map(({ event }) => event),
    }),
  };
}

/** `GET /v1/requestStatus:retrieve`. */
export function statusRequest(requestId: string): PlatformRequest {
  const query = new URLSearchParams({ requestId });
  return {
    method: 'GET',
    path: `/${dataManagerApiVersion}/requestStatus:retrieve?${query}`,
    headers: {},
    body: null,
  };
}

/** `POST /{version}/customers/{id}:uploadClickConversions`. */
export function uploadRequest(
  entries: readonly GoogleAdsEntry[],
  { api_version, customer_id, login_customer_id }: GoogleAdsSettings,
): PlatformRequest {
  return {
    method: 'POST',
    path: `/${api_version}/customers/${customer_id}:uploadClickConversions`,
    headers: { ...json, ...compact({ 'login-customer-id': login_customer_id }) },
    body: JSON.stringify({
      partialFailure: true,
      validateOnly: entries[0]?.validateOnly ?? false,
      conversions: entries.map(({ event }) => event),
    }),
  };
}
