import { describe, expect, it } from 'vitest';
import { sha256Of } from '../hashing.ts';
import { purchase, purchaseOf, purchaseWith } from '../testing/events.ts';
import { tiktok } from './index.ts';
import type { TikTokEntry } from './payload.ts';

const settings = tiktok.settingsSchema.parse({ pixel_id: 'PIXEL1' });

function entryOf(event = purchase, set = settings): TikTokEntry {
  const mapping = tiktok.map(event, set);
  if ('skip' in mapping) throw new Error(mapping.skip);
  return mapping.entry;
}

describe('an event as TikTok takes it', () => {
  it('is hashed, in seconds, and complete', () => {
    expect(entryOf()).toEqual({
      event: 'CompletePayment',
      event_time: 1_795_000_000,
      event_id: 'order-1001',
      user: {
        email: [sha256Of('anna.berg@example.com')],
        phone: [sha256Of('+14155552671')],
        external_id: [sha256Of('7001884')],
        first_name: sha256Of('josé'),
        last_name: sha256Of('oneil'),
        zip_code: sha256Of('11455'),
        city: 'stlouis',
        state: 'mo',
        country: 'us',
        ip: '198.51.100.7',
        user_agent: 'Mozilla/5.0',
        ttclid: 'E.C.P.AbC',
        ttp: '2Qx',
      },
      page: { url: 'https://shop.example.com/thanks', referrer: 'https://shop.example.com/cart' },
      properties: {
        value: 49.9,
        currency: 'USD',
        order_id: '1001',
        content_type: 'product',
        contents: [{ content_id: 'sku-1', content_name: 'Mug', price: 24.95, quantity: 2 }],
      },
    });
  });

  it('leaves out what is empty and keeps a value of 0', () => {
    const entry = entryOf({
      ...purchaseOf({ ttclid: 'c', first_name: '  ', email: ['', 'nobody'], city: '...' }),
      page: { url: '' },
      properties: { value: 0, currency: '', contents: [{}, { content_name: ' ' }] },
    });
    expect(entry.user).toEqual({ ttclid: 'c' });
    expect(entry).not.toHaveProperty('page');
    expect(entry.properties).toEqual({ value: 0 });
  });

  it('says what was looked for, what the buyer will be worth, and how the goods come', () => {
    const said = { query: 'mug', search_string: 'blue mug', predicted_ltv: 240.5, shop_id: '7495' };
    const properties = { ...said, delivery_category: 'curbside' as const };
    expect(entryOf(purchaseWith({ properties })).properties).toMatchObject(properties);
  });

  it('writes a content id that came as a number as text', () => {
    const contents = JSON.parse('[{"content_id": 42, "price": 1}]');
    expect(entryOf(purchaseWith({ properties: { contents } })).properties?.contents).toEqual([
      { content_id: '42', price: 1 },
    ]);
  });

  it('says page and limited data use only where TikTok takes them', () => {
    const offline = tiktok.settingsSchema.parse({ offline_event_set_id: 'SET1' });
    const entry = entryOf(purchaseWith({ medium: 'offline', limited_data_use: true }), offline);
    expect(entry).not.toHaveProperty('page');
    expect(entry).not.toHaveProperty('limited_data_use');
    expect(entryOf(purchaseWith({ limited_data_use: false })).limited_data_use).toBe(false);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['negative', -5],
  ])('leaves out a value that is %s', (_, value) => {
    const properties = {
      value,
      num_items: value,
      contents: [{ content_id: 'a', price: value, quantity: value }],
    };
    expect(entryOf(purchaseWith({ properties })).properties).toEqual({
      content_type: 'product',
      contents: [{ content_id: 'a' }],
    });
  });

  it('sends an address that is none, and a number that nobody can have, not at all', () => {
    const odd = entryOf(purchaseOf({ ttp: 'p', ip: '999.1.1.1', phone: ['abc', '12', '1'.repeat(100_000)] }));
    expect(odd.user).toEqual({ ttp: 'p' });
  });

  it('hashes a text of a megabyte', () => {
    const name = 'x'.repeat(1_000_000);
    expect(entryOf(purchaseWith({ user: { first_name: name } })).user?.first_name).toBe(sha256Of(name));
  });
});

describe('the reasons for which TikTok is not told', () => {
  it('are those of the contract', () => {
    const skipOf = (event: typeof purchase, set = settings) => {
      const mapping = tiktok.map(event, set);
      return 'skip' in mapping ? mapping.skip : null;
    };
    expect(skipOf(purchaseWith({ event_name: 'TRIAL_CANCELED' }))).toBe(
      'No TikTok event mapping for: TRIAL_CANCELED',
    );
    expect(skipOf(purchaseWith({ event_name: 'constructor' }))).toBe(
      'No TikTok event mapping for: constructor',
    );
    const reason = 'Missing ttclid/ttp and user identifiers (email/phone)';
    expect(skipOf(purchaseOf({ external_id: ['7'], ip: '198.51.100.7' }))).toBe(reason);
    expect(skipOf(purchaseOf({ phone: ['nonsense'], email: ['none'] }))).toBe(reason);
    expect(skipOf(purchaseOf({ ttp: '1' }))).toBeNull();
    const lenient = tiktok.settingsSchema.parse({ pixel_id: 'P', identifiers: 'any' });
    expect(skipOf(purchaseOf({ external_id: ['7'] }), lenient)).toBeNull();
    expect(skipOf(purchaseOf({}), lenient)).toBe(reason);
    expect(skipOf(purchaseWith({ medium: 'crm' }))).toMatch(/crm_event_set_id/);
  });

  it('name the variables that are missing, and only those', () => {
    const bare = tiktok.settingsSchema.parse({});
    expect(tiktok.missing(bare, {})).toBe('Missing env: TIKTOK_PIXEL_ID, TIKTOK_ACCESS_TOKEN');
    expect(tiktok.missing(settings, {})).toBe('Missing env: TIKTOK_ACCESS_TOKEN');
    expect(tiktok.missing(bare, { access_token: 't' })).toBe('Missing env: TIKTOK_PIXEL_ID');
    expect(tiktok.missing(settings, { access_token: 't' })).toBeNull();
  });
});

describe('the names of events at TikTok', () => {
  it('are the old ones, or the current ones where the pixel says them', () => {
    const current = tiktok.settingsSchema.parse({ event_names: 'current' });
    const names = [
      'TRIAL_BOOKED',
      'TRIAL_RESCHEDULED',
      'APPOINTMENT_UPDATED',
      'COMPLETE_REGISTRATION',
      'PURCHASE',
    ];
    expect(names.map((name) => tiktok.platformEvent(name, settings))).toEqual([
      'SubmitForm',
      'SubmitForm',
      'Schedule',
      'CompleteRegistration',
      'CompletePayment',
    ]);
    expect(tiktok.platformEvent('PURCHASE', current)).toBe('Purchase');
    expect(tiktok.platformEvent('TRIAL_BOOKED', current)).toBe('Lead');
    expect(tiktok.platformEvent('ViewContent', current)).toBe('ViewContent');
    expect(tiktok.platformEvent('viewcontent', current)).toBeNull();
  });

  it('are what the settings say, or none', () => {
    const set = tiktok.settingsSchema.parse({ event_actions: { PURCHASE: 'MyEvent', TRIAL_BOOKED: null } });
    expect(tiktok.platformEvent('PURCHASE', set)).toBe('MyEvent');
    expect(tiktok.platformEvent('TRIAL_BOOKED', set)).toBeNull();
  });
});

describe('the request to TikTok', () => {
  it('names its source once and carries the token in a header only', () => {
    const request = tiktok.request([entryOf()], purchase, settings);
    expect(request).toMatchObject({
      method: 'POST',
      path: '/open_api/v1.3/event/track/',
    });
    const body = JSON.parse(request.body ?? '');
    expect(Object.keys(body)).toEqual(['event_source', 'event_source_id', 'data']);
    expect(body).toMatchObject({ event_source: 'web', event_source_id: 'PIXEL1' });
    const authorized = tiktok.authorize(request, { access_token: 'secret' }, null);
    expect(authorized.headers['access-token']).toBe('secret');
    expect(JSON.stringify(request)).not.toContain('secret');
  });

  it('keeps test events and other sources apart', () => {
    const key = (event: typeof purchase) => tiktok.batchKey(entryOf(), event);
    const test = purchaseWith({ test_event_code: 'TEST1' });
    expect(new Set([key(purchase), key(test), key(purchaseWith({ medium: 'crm' }))]).size).toBe(3);
    expect(key(purchaseWith({ event_id: 'another' }))).toBe(key(purchase));
    const body = JSON.parse(tiktok.request([entryOf()], test, settings).body ?? '');
    expect(body.test_event_code).toBe('TEST1');
  });
});

describe('the settings of a pixel', () => {
  it.each([
    [{ pixel_id: 5 }],
    [{ phone_country_code: 'US' }],
    [{ largest_age_days: { web: -1 } }],
    [{ largest_age_days: { web: Number.NaN } }],
    [{ event_names: 'new' }],
    [{ requests_per_second: 0 }],
    [{ pixel_id: 'P', unknown: 1 }],
    [{ pixel_id: 'x'.repeat(1_000_000) }],
  ])('refuse %j', (given) => {
    expect(tiktok.settingsSchema.safeParse(given).success).toBe(false);
  });

  it('take an empty text for none and count ages in days', () => {
    const set = tiktok.settingsSchema.parse({ pixel_id: ' ', largest_age_days: { web: 2 } });
    expect(set.pixel_id).toBeUndefined();
    expect(tiktok.largestAgeMs(purchase, set)).toBe(2 * 86_400_000);
    expect(tiktok.largestAgeMs(purchaseWith({ medium: 'offline' }), set)).toBe(28 * 86_400_000);
  });
});
