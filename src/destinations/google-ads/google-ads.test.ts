import { describe, expect, it } from 'vitest';
import { sha256Of } from '../hashing.ts';
import { purchase, purchaseOf, purchaseWith } from '../testing/events.ts';
import { googleAds } from './index.ts';
import type { GoogleAdsEntry } from './payload.ts';

const settings = googleAds.settingsSchema.parse({
  customer_id: '123-456-7890',
  login_customer_id: '999',
  conversion_action: 'customers/1234567890/conversionActions/55',
});
const upload = googleAds.settingsSchema.parse({ ...settings, upload_api: 'google_ads' });

function entryOf(event = purchase, set = settings): GoogleAdsEntry {
  const mapping = googleAds.map(event, set);
  if ('skip' in mapping) throw new Error(mapping.skip);
  return mapping.entry;
}

const email = sha256Of('anna.berg@example.com');
const phone = sha256Of('+14155552671');

describe('an event as the Data Manager API takes it', () => {
  it('is hashed, has a time with its zone and the id as transaction', () => {
    expect(entryOf()).toEqual({
      conversionAction: '55',
      validateOnly: false,
      event: {
        transactionId: 'order-1001',
        eventTimestamp: '2026-11-18T11:06:40Z',
        eventSource: 'WEB',
        adIdentifiers: { gclid: 'Cj0KCQ' },
        userData: { userIdentifiers: [{ emailAddress: email }, { phoneNumber: phone }] },
        conversionValue: 49.9,
        currency: 'USD',
      },
    });
  });

  it('carries one click id, and no contacts beside a braid', () => {
    const braids = entryOf(purchaseOf({ gbraid: 'g', wbraid: 'w', email: ['a@b.c'] })).event;
    expect(braids.adIdentifiers).toEqual({ gbraid: 'g' });
    expect(braids).not.toHaveProperty('userData');
    expect(entryOf(purchaseOf({ gclid: 'c', gbraid: 'g' })).event.adIdentifiers).toEqual({ gclid: 'c' });
  });

  it('knows that dots and plus signs mean nothing at Gmail, and only there', () => {
    const contacts = (...given: string[]) => entryOf(purchaseOf({ email: given })).event.userData;
    expect(contacts('A.b+c@gmail.com', 'A.b+c@googlemail.com', 'A.b+c@example.org')).toEqual({
      userIdentifiers: ['ab@gmail.com', 'ab@googlemail.com', 'a.b+c@example.org'].map((text) => ({
        emailAddress: sha256Of(text),
      })),
    });
    const many = Array.from({ length: 30 }, (_, nth) => `a${nth}@example.org`);
    expect(contacts(...many)).toHaveProperty('userIdentifiers.length', 10);
  });

  it('says consent as it was given', () => {
    const set = googleAds.settingsSchema.parse({ ...settings, consent: { ad_user_data: 'granted' } });
    expect(entryOf(purchaseWith({ limited_data_use: true }), set).event.consent).toEqual({
      adUserData: 'CONSENT_GRANTED',
      adPersonalization: 'CONSENT_DENIED',
    });
  });
});

describe('an event as uploadClickConversions takes it', () => {
  it('has its own form', () => {
    expect(entryOf(purchase, upload).event).toEqual({
      conversionAction: 'customers/1234567890/conversionActions/55',
      conversionDateTime: '2026-11-18 11:06:40+00:00',
      gclid: 'Cj0KCQ',
      conversionValue: 49.9,
      currencyCode: 'USD',
      orderId: 'order-1001',
      userIdentifiers: [{ hashedEmail: email }, { hashedPhoneNumber: phone }],
    });
  });
});

describe('the reasons for which Google is not told', () => {
  it('are those of the contract', () => {
    const skipOf = (event: typeof purchase, set = settings) => {
      const mapping = googleAds.map(event, set);
      return 'skip' in mapping ? mapping.skip : null;
    };
    expect(skipOf(purchaseWith({ event_name: 'TRIAL_CANCELED' }))).toBe(
      'No Google Ads conversion action for: TRIAL_CANCELED',
    );
    expect(skipOf(purchaseOf({ ttp: 'x', phone: ['nonsense'] }))).toBe(
      'Missing gclid/gbraid/wbraid and user identifiers (email/phone)',
    );
    const own = googleAds.settingsSchema.parse({ event_actions: { TRIAL_CANCELED: '77' } });
    expect(googleAds.platformEvent('TRIAL_CANCELED', own)).toBe('77');
    expect(googleAds.platformEvent('PURCHASE', own)).toBeNull();
  });

  it('name the variables that are missing', () => {
    const bare = googleAds.settingsSchema.parse({});
    expect(googleAds.missing(bare, {})).toBe(
      'Missing env: GOOGLE_ADS_CUSTOMER_ID, GOOGLE_ADS_CONVERSION_ACTION, GOOGLE_ADS_CLIENT_ID, GOOGLE_ADS_CLIENT_SECRET, GOOGLE_ADS_REFRESH_TOKEN',
    );
    const secrets = { client_id: 'a', client_secret: 'b', refresh_token: 'c' };
    expect(googleAds.missing(settings, secrets)).toBeNull();
    expect(googleAds.missing(upload, secrets)).toBe('Missing env: GOOGLE_ADS_DEVELOPER_TOKEN');
  });

  it.each([
    [{ customer_id: '12a' }],
    [{ conversion_action: 'name' }],
    [{ api_version: '26' }],
    [{ upload_api: 'x' }],
  ])('are not hidden in settings like %j', (given) => {
    expect(googleAds.settingsSchema.safeParse(given).success).toBe(false);
  });
});

describe('the requests to Google', () => {
  const secrets = { client_id: 'i', client_secret: 's', refresh_token: 'r', developer_token: 'd' };

  it('ingest events for one conversion action', () => {
    const request = googleAds.request([entryOf()], purchase, settings);
    expect(request.path).toBe('/v1/events:ingest');
    expect(JSON.parse(request.body ?? '')).toMatchObject({
      destinations: [
        {
          operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
          loginAccount: { accountType: 'GOOGLE_ADS', accountId: '999' },
          productDestinationId: '55',
        },
      ],
      encoding: 'HEX',
      validateOnly: false,
      events: [{ transactionId: 'order-1001' }],
    });
    const { headers } = googleAds.authorize(request, secrets, 'token');
    expect(headers).toMatchObject({ authorization: 'Bearer token' });
    expect(headers).not.toHaveProperty('developer-token');
  });

  it('upload click conversions, row by row', () => {
    const request = googleAds.request([entryOf(purchase, upload)], purchase, upload);
    expect(request.path).toBe('/v26/customers/1234567890:uploadClickConversions');
    expect(JSON.parse(request.body ?? '')).toMatchObject({
      partialFailure: true,
      conversions: [{ gclid: 'Cj0KCQ' }],
    });
    expect(googleAds.authorize(request, secrets, 'token').headers).toMatchObject({
      'developer-token': 'd',
      'login-customer-id': '999',
    });
  });

  it('only validate test events, which are sent by themselves', () => {
    const test = purchaseWith({ test_event_code: 'T' });
    const entry = entryOf(test);
    expect(JSON.parse(googleAds.request([entry], test, settings).body ?? '').validateOnly).toBe(true);
    expect(googleAds.batchKey(entry, test)).not.toBe(googleAds.batchKey(entryOf(), purchase));
  });

  it('buy an access token', () => {
    const request = googleAds.tokens?.request(secrets);
    expect(Object.fromEntries(new URLSearchParams(request?.body ?? ''))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'i',
      client_secret: 's',
      refresh_token: 'r',
    });
    const read = (status: number, body: string) => googleAds.tokens?.read({ status, headers: {}, body });
    expect(read(200, '{"access_token":"t","expires_in":3599}')).toEqual({
      kind: 'token',
      token: 't',
      expiresInMs: 3_599_000,
    });
    expect(read(400, '{"error":"invalid_grant","error_description":"revoked"}')?.kind).toBe('pause');
    expect(read(200, '{"expires_in":3599}')?.kind).toBe('retry');
    expect(read(503, '<html>')?.kind).toBe('retry');
    expect(googleAds.tokens?.read(null).kind).toBe('retry');
  });
});
