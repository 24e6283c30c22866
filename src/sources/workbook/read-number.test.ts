import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAmount, readCount } from './read-number.ts';

const text = (value: string) => ({ text: value, isNumber: false });
const number = (value: string) => ({ text: value, isNumber: true });
const dollars = { currency: 'USD', decimals: 2 };
const dong = { currency: 'VND', decimals: 0 };

describe('an amount', () => {
  it.each([
    ['1962.29', '1962.29'],
    ['$1,962.29', '1962.29'],
    ['US$1,234,567.80', '1234567.8'],
    ['1.962,29 €', '1962.29'],
    ['12,50', '12.5'],
    ['1,234', '1234'],
    ['1.234.567', '1234567'],
    ["1'234.50", '1234.5'],
    ['1 962,29', '1962.29'],
    ['1,962.29 USD', '1962.29'],
    ['0', '0'],
    ['007.10', '7.1'],
  ])('reads the text %s', (written, amount) => expect(readAmount(text(written), dollars)).toBe(amount));

  it.each([
    ['2.621.500₫', '2621500'],
    ['138.772', '138772'],
    ['138,772 ₫', '138772'],
    ['138772', '138772'],
    ['Rp 1.234.567', '1234567'],
    ['12.000đ', '12000'],
  ])('reads %s of a currency without minor units', (written, amount) =>
    expect(readAmount(text(written), { currency: null, decimals: 0 })).toBe(amount),
  );

  it.each([
    ['1962.29', '1962.29'],
    ['1962.2900000000002', '1962.29'],
    ['0.30000000000000004', '0.3'],
    ['1E3', '1000'],
    ['1.2345E2', '123.45'],
    ['5e-1', '0.5'],
    ['100', '100'],
  ])('reads the stored number %s', (written, amount) =>
    expect(readAmount(number(written), dollars)).toBe(amount),
  );

  it.each([
    '1.234',
    '1.2K',
    '5jt',
    '1e3',
    '1,23,456',
    '1.234,567.89',
    '12,34,5',
    '=1+1',
    'abc',
    '1..2',
    '1,',
    '٣',
  ])('refuses the text %s: nobody could tell', (written) =>
    expect(readAmount(text(written), dollars)).toHaveProperty('fault'),
  );

  it.each(['1E40', '-5', '1E-9', 'NaN', 'Infinity', '0x10', '1234567890123456789'])(
    'refuses the stored number %s',
    (written) => expect(readAmount(number(written), dollars)).toHaveProperty('fault'),
  );

  it('of another currency is refused, and one of the same is not', () => {
    expect(readAmount(text('EUR 5'), dollars)).toEqual({ fault: "in EUR, but the shop's currency is USD" });
    expect(readAmount(text('5 VND'), dong)).toBe('5');
  });

  it('is null where there is none', () => {
    expect(readAmount(undefined, dollars)).toBeNull();
    expect(readAmount(text('-'), dollars)).toBeNull();
    expect(readAmount(text('—'), dollars)).toBeNull();
  });

  it('is what was meant, however it is grouped', () => {
    const cents = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(cents, (value) => {
        const [whole, behind] = [value / 100n, String(value % 100n).padStart(2, '0')];
        const exact = `${whole}.${behind}`.replace(/\.?0+$/, '') || '0';
        const plain = value % 100n === 0n ? String(whole) : exact;
        const grouped = (mark: string): string => String(whole).replaceAll(/\B(?=(\d{3})+$)/g, mark);
        for (const written of [
          `${grouped(',')}.${behind}`,
          `${grouped('.')},${behind}`,
          `${whole}.${behind}`,
        ]) {
          expect(readAmount(text(written), dollars)).toBe(plain);
        }
      }),
    );
  });
});

describe('a count', () => {
  it.each(['88', '1,234', '1.234', '1 234'])('reads %s', (written) =>
    expect(readCount(text(written))).toBe(written.replaceAll(/\D/g, '')),
  );

  it.each(['1.5', '12,34', '-1', '1.234,5', 'many'])('refuses %s', (written) =>
    expect(readCount(text(written))).toHaveProperty('fault'),
  );

  it('reads a stored number with an exponent or a point that says nothing', () => {
    expect(readCount(number('1.2E3'))).toBe('1200');
    expect(readCount(number('70.0'))).toBe('70');
    expect(readCount(number('70.5'))).toHaveProperty('fault');
  });
});
