import { describe, expect, it } from 'vitest';
import type { PlatformAnswer } from '../destination-kind.ts';
import { sha256Of } from '../hashing.ts';
import { purchase, purchaseOf, purchaseWith } from '../testing/events.ts';
import { meta } from './index.ts';
import type { MetaEntry } from './payload.ts';

const settings = meta.settingsSchema.parse({ pixel_id: '123' });

function entryOf(event = purchase): MetaEntry {
  const mapping = meta.map(event, settings);
  if ('skip' in mapping) throw new Error(mapping.skip);
  return mapping.entry;
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): PlatformAnswer {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function outcomes(given: PlatformAnswer | null, size: number): string[] | string {
  const entries = Array.from({ length: size }, () => entryOf());
  const verdict = meta.read(given, entries, settings);
  return verdict.kind === 'each' ? verdict.verdicts.map(({ outcome }) => outcome) : verdict.kind;
}

const refused = (code: number, error_subcode?: number, is_transient = false) =>
  answer(400, { error: { message: 'words', code, error_subcode, is_transient, fbtrace_id: 'F' } });

describe('an event as Meta takes it', () => {
  it('is hashed by its own rules, in seconds, and complete', () => {
    expect(entryOf()).toEqual({
      event_name: 'Purchase',
      event_time: 1_795_000_000,
      event_id: 'order-1001',
      action_source: 'website',
      event_source_url: 'https://shop.example.com/thanks',
      referrer_url: 'https://shop.example.com/cart',
      user_data: {
        em: [sha256Of('anna.berg@example.com')],
        ph: [sha256Of('14155552671')],
        external_id: [sha256Of('7001884')],
        fn: sha256Of('josé'),
        ln: sha256Of("o'neil"),
        ct: sha256Of('stlouis'),
        st: sha256Of('mo'),
        zp: sha256Of('11455'),
        country: sha256Of('us'),
        client_ip_address: '198.51.100.7',
        client_user_agent: 'Mozilla/5.0',
        fbc: 'fb.1.1794000000000.IwAR0',
        fbp: 'fb.1.1794000000000.123',
      },
      custom_data: {
        value: 49.9,
        currency: 'USD',
        order_id: '1001',
        content_type: 'product',
        contents: [{ id: 'sku-1', quantity: 2, item_price: 24.95 }],
      },
    });
  });

  it('says what was looked for, what the buyer will be worth, and how the goods come', () => {
    const purchased = { value: 20, currency: 'EUR', predicted_ltv: 240.5 };
    const said = { ...purchased, delivery_category: 'in_store' as const };
    const ofQuery = entryOf(purchaseWith({ properties: { query: 'mug', ...said, shop_id: '7495' } }));
    expect(ofQuery.custom_data).toMatchObject({ search_string: 'mug', ...said });
    expect(ofQuery.custom_data).not.toHaveProperty('shop_id');
    const properties = { ...purchased, query: 'mug', search_string: 'blue mug' };
    expect(entryOf(purchaseWith({ properties })).custom_data).toMatchObject({ search_string: 'blue mug' });
  });

  it('says limited data use, and where it happened as far as it may', () => {
    expect(entryOf(purchaseWith({ limited_data_use: true }))).toMatchObject({
      data_processing_options: ['LDU'],
      data_processing_options_country: 0,
      data_processing_options_state: 0,
    });
    expect(entryOf(purchaseWith({ page: {} })).action_source).toBe('other');
    expect(entryOf(purchaseWith({ user: { user_agent: undefined } })).action_source).toBe('other');
    expect(entryOf(purchaseWith({ medium: 'offline' }))).toMatchObject({ action_source: 'physical_store' });
    expect(entryOf(purchaseWith({ medium: 'offline' }))).not.toHaveProperty('event_source_url');
  });

  it('passes digests on and leaves out what is none of its kind', () => {
    const md5 = 'D41D8CD98F00B204E9800998ECF8427E';
    const user = entryOf(
      purchaseOf({ fbp: 'p', first_name: md5, country: 'USA', email: ['a@b'], zip_code: '94107-1234' }),
    ).user_data;
    expect(user).toEqual({ fbp: 'p', fn: md5.toLowerCase(), zp: sha256Of('94107') });
  });

  it('is skipped with the words of the contract', () => {
    const skipOf = (event: typeof purchase) => {
      const mapping = meta.map(event, settings);
      return 'skip' in mapping ? mapping.skip : null;
    };
    expect(skipOf(purchaseWith({ event_name: 'TRIAL_CANCELED' }))).toBe(
      'No Meta event mapping for: TRIAL_CANCELED',
    );
    expect(skipOf(purchaseOf({ ttp: 'x' }))).toBe('Missing fbc/fbp and user identifiers (email/phone)');
    expect(skipOf(purchaseWith({ properties: { value: 1 } }))).toMatch(/value and currency/);
    expect(skipOf(purchaseWith({ event_name: 'TRIAL_BOOKED', properties: {} }))).toBeNull();
    expect(meta.missing(meta.settingsSchema.parse({}), {})).toBe(
      'Missing env: META_PIXEL_ID, META_ACCESS_TOKEN',
    );
  });
});

describe('the request to Meta', () => {
  it('has the token in its address only once it is authorized', () => {
    const request = meta.request([entryOf()], purchaseWith({ test_event_code: 'T1' }), settings);
    expect(request.path).toBe('/v21.0/123/events');
    expect(JSON.parse(request.body ?? '')).toMatchObject({
      test_event_code: 'T1',
      data: [{ event_name: 'Purchase' }],
    });
    expect(meta.authorize(request, { access_token: 'a&b' }, null).path).toBe(
      '/v21.0/123/events?access_token=a%26b',
    );
  });
});

describe("Meta's answer", () => {
  it('delivers all events or says nothing of any', () => {
    expect(outcomes(answer(200, { events_received: 2 }), 2)).toEqual(['delivered', 'delivered']);
    expect(outcomes(answer(200, { events_received: 1 }), 2)).toBe('split');
    expect(outcomes(answer(200, { events_received: 0 }), 1)).toEqual(['unknown']);
    expect(outcomes(answer(200, { events_received: '2' }), 2)).toEqual(['unknown', 'unknown']);
    expect(outcomes(answer(200, '{"events_rec'), 1)).toEqual(['unknown']);
    expect(outcomes(answer(200, '<html>'), 1)).toEqual(['unknown']);
    expect(outcomes(null, 1)).toEqual(['unknown']);
  });

  it.each([1, 2, 4, 17, 32, 341, 368, 613, 5000, 21009, 80003, 80004, 999_999])(
    'with code %i is tried again',
    (code) => {
      expect(outcomes(refused(code), 2)).toEqual(['retry', 'retry']);
    },
  );

  it.each([
    [190, 463],
    [102, undefined],
    [10, undefined],
    [200, undefined],
    [299, undefined],
    [100, 33],
  ])('with code %i and subcode %s needs a person', (code, subcode) => {
    expect(outcomes(refused(code, subcode), 2)).toBe('pause');
  });

  it.each([
    [100, 2804003],
    [100, undefined],
    [3, undefined],
    [105, undefined],
  ])('with code %i and subcode %s refuses an event', (code, subcode) => {
    expect(outcomes(refused(code, subcode), 2)).toBe('split');
    expect(outcomes(refused(code, subcode), 1)).toEqual(['rejected']);
  });

  it('that calls itself passing is tried again whatever its code', () => {
    expect(outcomes(refused(100, 33, true), 1)).toEqual(['retry']);
    expect(outcomes(refused(190, undefined, true), 1)).toEqual(['retry']);
  });
});
