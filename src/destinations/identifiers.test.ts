import { describe, expect, it } from 'vitest';
import { platformWords } from './answers.ts';
import { platformEventOf, readEventActions } from './event-actions.ts';
import { allHashed, hashed, sha256Of } from './hashing.ts';
import { ipAddress, normalizeEmail, normalizePhone } from './identifiers.ts';
import { phones } from './testing/phones.ts';
import { tiktok } from './tiktok/index.ts';

describe('a phone number', () => {
  it('is judged in more than 40 countries', () => {
    expect(new Set(phones.map(([country]) => country)).size).toBeGreaterThan(40);
  });

  it.each(phones)('of %s (+%s), written %s, is %s', (_, code, written, e164) => {
    expect(normalizePhone(written, code)).toBe(e164);
    expect(normalizePhone(e164, '1')).toBe(e164);
    expect(normalizePhone(`00${e164.slice(1)}`, '1')).toBe(e164);
    expect(normalizePhone(` tel:${e164} `, '1')).toBe(e164);
  });

  it.each([
    '',
    ' ',
    '+',
    'abc',
    '12',
    '+999 123 4567',
    '+1 23',
    '9'.repeat(61),
    '\u0000',
    '+1+1',
    '-1',
    'NaN',
    '<b>',
  ])('is none for %j', (nonsense) => {
    expect(normalizePhone(nonsense, '1')).toBeNull();
  });
});

describe('an e-mail address', () => {
  it('is one with something before and after one at sign', () => {
    expect(normalizeEmail(' A.B+c@X.org ')).toBe('a.b+c@x.org');
    for (const none of ['', '@', 'a@', '@b', 'a b@c', 'a@b@c', `${'a'.repeat(400)}@b`])
      expect(normalizeEmail(none)).toBeNull();
  });

  it('is the same however its accents are written', () => {
    expect(normalizeEmail('jose\u0301@example.com')).toBe('jos\u00e9@example.com');
  });
});

describe('an address of the network', () => {
  it('is of version 4 or 6', () => {
    expect([' 198.51.100.7', '2001:db8::1', '198.51.100', 'localhost', ''].map(ipAddress)).toEqual([
      '198.51.100.7',
      '2001:db8::1',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a digest', () => {
  it('is not made of a digest, nor of nothing', () => {
    const digest = sha256Of('x');
    expect(hashed(digest.toUpperCase(), () => 'never')).toBe(digest);
    expect(hashed(`${digest}0`, (text) => text)).not.toBe(digest);
    expect(hashed('  ', (text) => text)).toBeUndefined();
    expect(allHashed(['a', ' a ', '', 'b'], (text) => text)).toEqual([sha256Of('a'), sha256Of('b')]);
    expect(allHashed([], (text) => text)).toBeUndefined();
  });
});

describe('event actions', () => {
  it('are read from one line', () => {
    expect(
      readEventActions('TRIAL_BOOKED=CompleteRegistration, PURCHASE = My Event ,TRIAL_CANCELED=,'),
    ).toEqual({
      TRIAL_BOOKED: 'CompleteRegistration',
      PURCHASE: 'My Event',
      TRIAL_CANCELED: null,
    });
    expect(() => readEventActions('TRIAL_BOOKED')).toThrow('EVENT_NAME=PlatformEvent');
    expect(() => readEventActions('=A')).toThrow('EVENT_NAME=PlatformEvent');
  });

  it('are looked up by their own names only', () => {
    const names = { defaults: new Map([['PURCHASE', 'Buy']]), standard: new Set(['Other']) };
    const settings = tiktok.settingsSchema.parse({});
    for (const name of ['__proto__', 'toString', 'hasOwnProperty', ''])
      expect(platformEventOf(name, names, settings)).toBeNull();
    expect(platformEventOf('Other', names, settings)).toBe('Other');
  });
});

describe("a platform's words", () => {
  it('are text without control characters', () => {
    expect(platformWords('a\u0000b\r\nc')).toBe('a b c');
    expect(platformWords(5)).toBe('');
    expect(platformWords('customers/123456/conversionActions/123456789')).toContain('conversionActions');
  });
});
