import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConversionEvent, mediums } from '../conversions/types.ts';
import type { AnyDestinationKind } from './destination-kind.ts';
import { googleAds } from './google-ads/index.ts';
import { meta } from './meta/index.ts';
import { tiktok } from './tiktok/index.ts';

const kinds: [string, AnyDestinationKind, object][] = [
  ['TikTok', tiktok, { pixel_id: 'P', app_id: 'A', offline_event_set_id: 'O', crm_event_set_id: 'C' }],
  ['Meta', meta, { pixel_id: 'P' }],
  ['Data Manager', googleAds, { customer_id: '1', conversion_action: '2' }],
  [
    'uploadClickConversions',
    googleAds,
    { customer_id: '1', conversion_action: '2', upload_api: 'google_ads' },
  ],
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', ' ', '\u0000', '__proto__'),
);
const texts = fc.array(text, { maxLength: 4 });
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, 0, Number.MAX_VALUE));
const content = fc.record(
  { content_id: text, content_name: text, price: number, quantity: number },
  { requiredKeys: [] },
);

const anyEvent: fc.Arbitrary<ConversionEvent> = fc.record({
  event_name: fc.constantFrom('PURCHASE', 'TRIAL_BOOKED', 'Purchase'),
  event_id: fc.string({ minLength: 1 }),
  event_time: fc.integer({ min: 0, max: 8_000_000_000 }),
  medium: fc.constantFrom(...mediums),
  limited_data_use: fc.boolean(),
  user: fc.record(
    {
      email: texts,
      phone: texts,
      external_id: texts,
      city: text,
      state: text,
      zip_code: text,
      country: text,
      ip: text,
      user_agent: text,
      ttclid: text,
      gclid: text,
      gbraid: text,
      fbc: text,
    },
    { requiredKeys: [] },
  ),
  page: fc.record({ url: text, referrer: text }, { requiredKeys: [] }),
  properties: fc.record(
    { value: number, currency: text, order_id: text, contents: fc.array(content, { maxLength: 3 }) },
    { requiredKeys: [] },
  ),
});

/** Every value of a JSON document that is no object and no list. */
function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

describe.each(kinds)('any event at all, for %s', (_, kind, given) => {
  const settings = kind.settingsSchema.parse(given);

  it('is skipped with a reason or made a request without anything empty', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const mapping = kind.map(event, settings);
        if ('skip' in mapping) {
          expect(mapping.skip).toMatch(/^(Missing|No) /);
          return;
        }
        const leaves = leavesOf(JSON.parse(kind.request([mapping.entry], event, settings).body ?? ''));
        const empty = leaves.filter(
          (leaf) => leaf === null || (typeof leaf === 'string' && leaf.trim() === ''),
        );
        // An id is sent as it came: platforms tell doubles by it.
        expect(empty.filter((leaf) => leaf !== event.event_id)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('shows no address, number or name of anybody', () => {
    const word = fc.string({ unit: fc.constantFrom(...'qxzjkvw'), minLength: 8, maxLength: 12 });
    const person = fc.record({
      name: word,
      digits: fc.integer({ min: 2_000_000, max: 9_999_999 }),
      medium: fc.constantFrom(...mediums),
    });
    fc.assert(
      fc.property(person, ({ name, digits, medium }) => {
        const event: ConversionEvent = {
          event_name: 'PURCHASE',
          event_id: 'e1',
          event_time: 1_795_000_000,
          medium,
          user: {
            email: [`${name}@example.org`],
            phone: [`+1415${digits}`],
            external_id: [name],
            first_name: name,
            last_name: name,
            gclid: 'c',
          },
          page: {},
          properties: { value: 1, currency: 'USD' },
        };
        const mapping = kind.map(event, settings);
        if ('skip' in mapping) throw new Error(mapping.skip);
        const body = kind.request([mapping.entry], event, settings).body ?? '';
        expect(body.includes(name) || body.includes(`415${digits}`)).toBe(false);
        expect(body).toMatch(/[0-9a-f]{64}/);
      }),
      { numRuns: 200 },
    );
  });
});
