import { describe, expect, it } from 'vitest';
import { parseEvent } from './parse-event.ts';
import type { ConversionEvent } from './types.ts';

const now = 1_790_000_000;
const least = { event_id: 'order-1', event_name: 'PURCHASE', event_time: now - 60 };

function parsed(fields: object): ConversionEvent {
  const result = parseEvent({ ...least, ...fields }, now);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.event;
}

function faults(given: unknown): string[] {
  const result = parseEvent(given, now);
  return 'faults' in result ? result.faults.map(({ path, message }) => `${path} ${message}`) : [];
}

const refused = (fields: object): string[] => faults({ ...least, ...fields });

describe('an event that is read', () => {
  it('needs an id, a name and a time', () => {
    expect(parsed({})).toEqual({ ...least, medium: 'web', user: {}, page: {}, properties: {} });
  });

  it('takes its time in both forms, rounded down', () => {
    expect(parsed({ event_time: 1_789_999_999.9 }).event_time).toBe(1_789_999_999);
    expect(parsed({ event_time: '2026-09-01T10:00:00.900+02:00' }).event_time).toBe(
      Date.parse('2026-09-01T08:00:00Z') / 1_000,
    );
    expect(parsed({ event_time: '2026-09-01t08:00:00z' }).event_time).toBe(
      Date.parse('2026-09-01T08:00:00Z') / 1_000,
    );
  });

  it('leaves out what is null or empty', () => {
    const user = { email: ['', null], phone: null, first_name: '  ', ttp: '' };
    expect(parsed({ user, page: null, properties: { contents: null, value: null } })).toMatchObject({
      user: {},
      page: {},
      properties: {},
    });
  });

  it('makes lists of one value, without repeats', () => {
    const user = { email: ' Jo@Example.com ', external_id: [7, '7', 'a'] };
    expect(parsed({ user }).user).toEqual({ email: ['Jo@Example.com'], external_id: ['7', 'a'] });
  });

  it('takes money as a number or a decimal text, and ids of contents as numbers, too', () => {
    const properties = {
      value: '24.90',
      currency: 'eur',
      contents: [{ content_id: 5, price: 0, quantity: 2 }],
    };
    expect(parsed({ properties }).properties).toEqual({
      value: 24.9,
      currency: 'EUR',
      contents: [{ content_id: '5', price: 0, quantity: 2 }],
    });
  });

  it('has its broken surrogates replaced, but in ids, where they are refused', () => {
    expect(parsed({ user: { first_name: 'J\ud800o' } }).user.first_name).toBe('J\ufffdo');
    expect(refused({ event_id: 'a\ud800' })).toEqual(['event_id contains characters that no id has.']);
  });
});

describe('click ids in the address of the page', () => {
  const url = 'https://shop.example/?ttclid=E.new&gclid=G1&gbraid=B1&wbraid=W1&fbclid=Fb.1#end';

  it('win over stored ones', () => {
    const user = { ttclid: 'E.old', gclid: 'G0', fbc: 'fb.1.1700000000000.other' };
    expect(parsed({ user, page: { url } }).user).toEqual({
      ttclid: 'E.new',
      gclid: 'G1',
      gbraid: 'B1',
      wbraid: 'W1',
      fbc: `fb.1.${(now - 60) * 1_000}.Fb.1`,
    });
  });

  it('leave a stored fbc of the same click alone, for it knows when that was', () => {
    const user = { fbc: 'fb.2.1700000000000.Fb.1' };
    expect(parsed({ user, page: { url } }).user.fbc).toBe('fb.2.1700000000000.Fb.1');
  });

  it.each([
    'https://shop.example/?ttclid=',
    `https://shop.example/?ttclid=${'x'.repeat(1_001)}`,
    'https://shop.example/?ttclid=%00%01',
    'https://shop.example/?ttclid=%zz%ff',
    'https://shop.example/?TTCLID=1&__proto__=2',
    'https://shop.example/#ttclid=1',
  ])('are not taken from %s', (hostile) => {
    expect(parsed({ user: { ttclid: 'E.old' }, page: { url: hostile } }).user).toEqual({ ttclid: 'E.old' });
  });
});

describe('an event that is refused', () => {
  it.each([null, 1, 'text', [], [least]])('is no object: %j', (given) => {
    expect(faults(given)).toEqual(['event must be an object.']);
  });

  it.each([
    ['event_id', ''],
    ['event_id', 5],
    ['event_id', 'x'.repeat(257)],
    ['event_id', 'a\0b'],
    ['event_id', 'a\nb'],
    ['event_name', ' '],
    ['event_name', undefined],
    ['event_time', undefined],
    ['event_time', 'yesterday'],
    ['event_time', '2026-02-30T00:00:00Z'],
    ['event_time', '2026-03-01'],
    ['event_time', Number.NaN],
    ['event_time', Number.POSITIVE_INFINITY],
    ['event_time', 0],
    ['event_time', -1],
    ['event_time', now + 601],
    ['event_time', (now - 60) * 1_000],
    ['user', 5],
    ['user', []],
    ['source', 'tv'],
    ['limited_data_use', 'yes'],
    ['destinations', []],
    ['destinations', 'tiktok'],
    ['page', 'https://shop.example'],
    ['properties', 'none'],
    ['unknown', 1],
  ])('for its %s: %j', (name, value) => {
    const found = refused({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${name} `));
  });

  it.each([
    ['email', 5],
    ['email', {}],
    ['email', 'x'.repeat(1 << 20)],
    ['email', Array.from({ length: 21 }, (_, index) => `${index}@example.com`)],
    ['phone', true],
    ['first_name', 7],
    ['country', 'USA'],
    ['ip', '999.1.1.1'],
    ['ttclid', 'white space'],
    ['user_agent', 'a\0b'],
    ['password', 'secret'],
  ])('for the %s of its user: %#', (name, value) => {
    const found = refused({ user: { [name]: value } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^user\\.${name}`));
    expect(found[0]?.length).toBeLessThan(200);
  });

  it('says what is wrong in the form that was meant', () => {
    expect(refused({ user: { email: 'x'.repeat(321) } })).toEqual([
      'user.email must have at most 320 characters.',
    ]);
    expect(refused({ user: { external_id: -1 } })).toEqual(['user.external_id must not be negative.']);
    expect(refused({ user: { email: {} } })).toEqual(['user.email must be a text or a list of texts.']);
  });

  it.each([
    ['value', -0.01],
    ['value', 'NaN'],
    ['value', '1e3'],
    ['value', Number.NaN],
    ['value', 1e13],
    ['value', {}],
    ['currency', 'ZZZ'],
    ['currency', 'XXX'],
    ['currency', 'dollars'],
    ['content_type', 'thing'],
    ['contents', 'none'],
    ['contents', [5]],
    ['contents', [{ price: -1 }]],
    ['contents', [{ quantity: 1.5 }]],
    ['contents', [{ colour: 'red' }]],
    ['num_items', -1],
  ])('for the %s of its properties: %j', (name, value) => {
    const found = refused({ properties: { [name]: value } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^properties\\.${name}`));
  });

  it.each(['javascript:alert(1)', '/thanks', 'https://', 'x'.repeat(9_000), 5])('for its page: %#', (url) => {
    expect(refused({ page: { url } })[0]).toMatch(/^page\.url /);
  });

  it('is told everything that is wrong, up to twenty things', () => {
    expect(refused({ event_id: '', event_name: 5, user: { email: 5 } })).toHaveLength(3);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field_${index}`, 1]));
    expect(refused(many)).toHaveLength(20);
  });

  it('is not fooled by prototypes', () => {
    expect(
      faults(JSON.parse(`{"__proto__": {"event_id": "a"}, "event_name": "A", "event_time": ${now}}`)),
    ).not.toEqual([]);
    expect(({} as Record<string, unknown>).event_id).toBeUndefined();
  });
});
