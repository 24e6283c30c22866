/** Digits after the point in which a currency is paid; 2 where the currency is not known. */
export function currencyDigits(currency: string | null): number {
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** Zero as the currency writes it: `0.00`, `0`. */
export function zeroOf(currency: string | null): string {
  const digits = currencyDigits(currency);
  return digits === 0 ? '0' : `0.${'0'.repeat(digits)}`;
}

/** An exact decimal divided by a count, rounded half up (away from zero) to `digits` places. */
export function divideHalfUp(amount: string, count: number, digits: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!match) throw new TypeError('The amount is no plain decimal.');
  const [, sign = '', whole = '0', fraction = ''] = match;
  const dividend = BigInt(whole + fraction) * 10n ** BigInt(digits) * 2n;
  const divisor = BigInt(count) * 10n ** BigInt(fraction.length);
  const rounded = (dividend + divisor) / (2n * divisor);
  const text = rounded.toString().padStart(digits + 1, '0');
  const result = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return sign === '-' && rounded !== 0n ? `-${result}` : result;
}
