/** Exact sums of plain decimals, as text: money is never a float. */

const plainDecimal = /^(-?)(\d+)(?:\.(\d+))?$/;

interface Scaled {
  units: bigint;
  /** Digits after the point. */
  digits: number;
}

function parse(text: string): Scaled {
  const match = plainDecimal.exec(text);
  if (match === null) throw new TypeError('Not a plain decimal.');
  const [, sign = '', whole = '0', fraction = ''] = match;
  return { units: BigInt(`${sign}${whole}${fraction}`), digits: fraction.length };
}

function print({ units, digits }: Scaled): string {
  if (digits === 0) return units.toString();
  const sign = units < 0n ? '-' : '';
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The sum with as many digits after the point as the longer of the two. @throws TypeError for anything else. */
export function addDecimals(left: string, right: string): string {
  const [a, b] = [parse(left), parse(right)];
  const digits = Math.max(a.digits, b.digits);
  const scale = ({ units, digits: own }: Scaled): bigint => units * 10n ** BigInt(digits - own);
  return print({ units: scale(a) + scale(b), digits });
}

/** What is left of `left`. @throws TypeError for anything but plain decimals. */
export function subtractDecimals(left: string, right: string): string {
  return addDecimals(left, right.startsWith('-') ? right.slice(1) : `-${right}`);
}

/** Below zero where `left` is nearer to nothing than `right`, above where it is farther. @throws TypeError as above. */
export function compareMagnitudes(left: string, right: string): number {
  const { units } = parse(subtractDecimals(left.replace('-', ''), right.replace('-', '')));
  return units < 0n ? -1 : Number(units > 0n);
}

/** A decimal times a whole number. @throws TypeError for anything else. */
export function multiplyDecimal(amount: string, times: string): string {
  const { units, digits } = parse(amount);
  return print({ units: units * BigInt(times), digits });
}
