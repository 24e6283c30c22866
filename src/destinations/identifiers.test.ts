import { describe, expect, it } from 'vitest';
import { platformWords } from './answers.ts';
import { platformEventOf, readEventActions } from './event-actions.ts';
import { allHashed, hashed, sha256Of } from './hashing.ts';
import { ipAddress, normalizeEmail, normalizePhone } from './identifiers.ts';
import { tiktok } from './tiktok/index.ts';

/** As people of each country write them at home, the calling code of the country, and the same number everywhere. */
const phones: readonly [country: string, code: string, written: string, e164: string][] = [
  ['AE', '971', '050 123 4567', '+971501234567'],
  ['AR', '54', '011 4123-4567', '+541141234567'],
  ['AT', '43', '0664 1234567', '+436641234567'],
  ['AU', '61', '0412 345 678', '+61412345678'],
  ['BE', '32', '0470 12 34 56', '+32470123456'],
  ['BR', '55', '(11) 96123-4567', '+5511961234567'],
  ['CH', '41', '078 123 45 67', '+41781234567'],
  ['CL', '56', '9 6123 4567', '+56961234567'],
  ['CN', '86', '131 2345 6789', '+8613123456789'],
  ['CO', '57', '321 1234567', '+573211234567'],
  ['CZ', '420', '601 123 456', '+420601123456'],
  ['DE', '49', '01512 3456789', '+4915123456789'],
  ['DK', '45', '32 12 34 56', '+4532123456'],
  ['EG', '20', '0100 123 4567', '+201001234567'],
  ['ES', '34', '612 34 56 78', '+34612345678'],
  ['FI', '358', '041 2345678', '+358412345678'],
  ['FR', '33', '06 12 34 56 78', '+33612345678'],
  ['GB', '44', '(0)7400 123456', '+447400123456'],
  ['GR', '30', '691 234 5678', '+306912345678'],
  ['HK', '852', '5123 4567', '+85251234567'],
  ['HU', '36', '06 20 123 4567', '+36201234567'],
  ['ID', '62', '0812-345-678', '+62812345678'],
  ['IE', '353', '085 012 3456', '+353850123456'],
  ['IL', '972', '050-234-5678', '+972502345678'],
  ['IN', '91', '081234 56789', '+918123456789'],
  ['IT', '39', '312 345 6789', '+393123456789'],
  ['JP', '81', '090-1234-5678', '+819012345678'],
  ['KR', '82', '010-2000-0000', '+821020000000'],
  ['MX', '52', '222 123 4567', '+522221234567'],
  ['MY', '60', '012-345 6789', '+60123456789'],
  ['NL', '31', '06 12345678', '+31612345678'],
  ['NO', '47', '406 12 345', '+4740612345'],
  ['NZ', '64', '021 123 4567', '+64211234567'],
  ['PH', '63', '0905 123 4567', '+639051234567'],
  ['PL', '48', '512 345 678', '+48512345678'],
  ['PT', '351', '912 345 678', '+351912345678'],
  ['SA', '966', '051 234 5678', '+966512345678'],
  ['SE', '46', '070-123 45 67', '+46701234567'],
  ['SG', '65', '8123 4567', '+6581234567'],
  ['TH', '66', '081 234 5678', '+66812345678'],
  ['TR', '90', '0501 234 56 78', '+905012345678'],
  ['US', '1', '(201) 555-0123', '+12015550123'],
  ['VN', '84', '091 234 56 78', '+84912345678'],
  ['ZA', '27', '071 123 4567', '+27711234567'],
];

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
