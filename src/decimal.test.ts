import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimals, multiplyDecimal } from './decimal.ts';

describe('exact decimals', () => {
  it('keep every digit', () => {
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('9007199254740993.01', '0.9')).toBe('9007199254740993.91');
    expect(addDecimals('1', '-1.50')).toBe('-0.50');
    expect(addDecimals('1000', '24')).toBe('1024');
    expect(multiplyDecimal('19.99', '3')).toBe('59.97');
    expect(multiplyDecimal('-0.01', '100')).toBe('-1.00');
  });

  it('add up in any order', () => {
    const cents = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const decimal = cents.map((units) => {
      const text = (units < 0n ? -units : units).toString().padStart(3, '0');
      return `${units < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
    });
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(addDecimals(addDecimals(a, b), c)).toBe(addDecimals(a, addDecimals(b, c)));
        expect(addDecimals(addDecimals(a, b), a.startsWith('-') ? a.slice(1) : `-${a}`)).toBe(
          addDecimals(b, '0.00'),
        );
      }),
    );
  });

  it.each(['', '1e3', '1,000.00', '.5', 'NaN', ' 1'])('refuse %j', (text) => {
    expect(() => addDecimals(text, '1')).toThrow(TypeError);
  });
});
