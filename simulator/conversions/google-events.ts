import { isRecord } from '../files/json-facts.ts';
import { digest, isAmount, isText } from './checks.ts';

/** What is wrong with an event of either of Google's APIs: the field, and Google's name of the error. */
export interface GoogleEventFault {
  field: string;
  reason: string;
}

const currency = /^[A-Z]{3}$/;

/** An element of `events[]` of `events:ingest`. */
export function ingestFault(event: unknown): GoogleEventFault | null {
  if (!isRecord(event)) return { field: '', reason: 'INVALID_ARGUMENT' };
  const { transactionId, eventTimestamp, adIdentifiers, userData, conversionValue } = event;
  if (!isText(transactionId)) return { field: 'transaction_id', reason: 'REQUIRED_FIELD_MISSING' };
  if (
    !isText(eventTimestamp) ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(eventTimestamp)
  )
    return { field: 'event_timestamp', reason: 'EVENT_TIME_INVALID' };
  const clicks = isRecord(adIdentifiers) ? adIdentifiers : {};
  if (isText(clicks.gbraid) && isText(clicks.wbraid))
    return { field: 'ad_identifiers', reason: 'MULTIPLE_AD_IDENTIFIERS' };
  const identifiers = isRecord(userData) ? userData.userIdentifiers : [];
  if (!Array.isArray(identifiers) || identifiers.length > 10)
    return { field: 'user_data.user_identifiers', reason: 'TOO_MANY_ELEMENTS' };
  const hashed = identifiers.every(
    (entry) => isRecord(entry) && digest.test(String(entry.emailAddress ?? entry.phoneNumber)),
  );
  if (!hashed) return { field: 'user_data.user_identifiers', reason: 'INVALID_SHA256_FORMAT' };
  if (identifiers.length === 0 && ![clicks.gclid, clicks.gbraid, clicks.wbraid].some(isText))
    return { field: 'ad_identifiers', reason: 'NO_IDENTIFIERS_PROVIDED' };
  if (conversionValue !== undefined && !isAmount(conversionValue))
    return { field: 'conversion_value', reason: 'INVALID_ARGUMENT' };
  return event.currency === undefined || currency.test(String(event.currency))
    ? null
    : { field: 'currency', reason: 'INVALID_CURRENCY_CODE' };
}

/** An element of `conversions[]` of `uploadClickConversions`; `customer` is that of the address. */
export function uploadFault(row: unknown, customer: string): GoogleEventFault | null {
  if (!isRecord(row)) return { field: '', reason: 'INVALID_ARGUMENT' };
  const action = `customers/${customer}/conversionActions/`;
  if (!isText(row.conversionAction) || !row.conversionAction.startsWith(action))
    return { field: 'conversion_action', reason: 'NO_CONVERSION_ACTION_FOUND' };
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(String(row.conversionDateTime)))
    return { field: 'conversion_date_time', reason: 'INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET' };
  if (isText(row.gbraid) && isText(row.wbraid)) return { field: 'gbraid', reason: 'GBRAID_WBRAID_BOTH_SET' };
  const identifiers: unknown = row.userIdentifiers ?? [];
  if (!Array.isArray(identifiers) || identifiers.length > 5)
    return { field: 'user_identifiers', reason: 'INVALID_USER_IDENTIFIER' };
  const hashed = identifiers.every(
    (entry) =>
      isRecord(entry) &&
      Object.keys(entry).length === 1 &&
      digest.test(String(entry.hashedEmail ?? entry.hashedPhoneNumber)),
  );
  if (!hashed) return { field: 'user_identifiers', reason: 'INVALID_USER_IDENTIFIER' };
  if (identifiers.length === 0 && ![row.gclid, row.gbraid, row.wbraid].some(isText))
    return { field: 'gclid', reason: 'MISSING_GCLID' };
  if (row.conversionValue !== undefined && !isAmount(row.conversionValue))
    return { field: 'conversion_value', reason: 'INVALID_ARGUMENT' };
  return row.currencyCode === undefined || currency.test(String(row.currencyCode))
    ? null
    : { field: 'currency_code', reason: 'INVALID_CURRENCY_CODE' };
}
