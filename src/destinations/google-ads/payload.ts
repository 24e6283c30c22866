import type { ConversionEvent, Medium } from '../../conversions/types.ts';
import { amount, compact, unlessEmpty } from '../compact.ts';
import { type Identity, identityOf } from './identity.ts';
import type { GoogleAdsSettings } from './settings.ts';

/** One event for either of Google's APIs. */
export interface GoogleAdsEntry {
  /** The number of the conversion action; one a request. */
  conversionAction: string;
  /** Only to be validated, counted nowhere: Google's way of a test event. */
  validateOnly: boolean;
  /** What stands in the list of the request. */
  event: Record<string, unknown>;
}

const eventSources: Record<Medium, string> = { web: 'WEB', app: 'APP', offline: 'IN_STORE', crm: 'OTHER' };

/** @returns the event as the chosen API takes it; null where nothing says whose click it was */
export function entryOf(
  event: ConversionEvent,
  conversionAction: string,
  settings: GoogleAdsSettings,
): GoogleAdsEntry | null {
  const identity = identityOf(event.user, settings.phone_country_code);
  if (identity === null) return null;
  return {
    conversionAction,
    validateOnly: (event.test_event_code ?? settings.test_event_code) !== undefined,
    event:
      settings.upload_api === 'data_manager'
        ? ingestedEvent(event, identity, settings)
        : clickConversion(event, identity, conversionAction, settings),
  };
}

/** An element of `events[]` of `events:ingest`. */
function ingestedEvent(
  event: ConversionEvent,
  { click, emails, phones }: Identity,
  settings: GoogleAdsSettings,
) {
  const userIdentifiers = [
    ...emails.map((emailAddress) => ({ emailAddress })),
    ...phones.map((phoneNumber) => ({ phoneNumber })),
  ].slice(0, 10);
  return compact({
    transactionId: event.event_id,
    eventTimestamp: `${timeOf(event).slice(0, 19)}Z`,
    eventSource: eventSources[event.medium],
    adIdentifiers: unlessEmpty(click),
    userData: userIdentifiers.length === 0 ? undefined : { userIdentifiers },
    conversionValue: amount(event.properties.value),
    currency: event.properties.currency?.toUpperCase(),
    consent: consentOf(event, settings, 'CONSENT_'),
  });
}

/** An element of `conversions[]` of `uploadClickConversions`. */
function clickConversion(
  event: ConversionEvent,
  { click, emails, phones }: Identity,
  conversionAction: string,
  settings: GoogleAdsSettings,
) {
  const time = timeOf(event);
  return compact({
    conversionAction: `customers/${settings.customer_id}/conversionActions/${conversionAction}`,
    conversionDateTime: `${time.slice(0, 10)} ${time.slice(11, 19)}+00:00`,
    ...click,
    conversionValue: amount(event.properties.value),
    currencyCode: event.properties.currency?.toUpperCase(),
    // Google's only key against doubles is the order's: here it is the event's id.
    orderId: event.event_id,
    userIdentifiers: [
      ...emails.map((hashedEmail) => ({ hashedEmail })),
      ...phones.map((hashedPhoneNumber) => ({ hashedPhoneNumber })),
    ].slice(0, 5),
    consent: consentOf(event, settings, ''),
  });
}

function timeOf({ event_time }: ConversionEvent): string {
  return new Date(Math.floor(event_time) * 1_000).toISOString();
}

/** Limited data use leaves the counting and takes back personalised ads. */
function consentOf(event: ConversionEvent, { consent }: GoogleAdsSettings, prefix: 'CONSENT_' | '') {
  const say = (answer: 'granted' | 'denied' | undefined) =>
    answer === undefined ? undefined : `${prefix}${answer.toUpperCase()}`;
  return unlessEmpty(
    compact({
      adUserData: say(consent.ad_user_data),
      adPersonalization: say(event.limited_data_use === true ? 'denied' : consent.ad_personalization),
    }),
  );
}
