import type { Cell } from './sheet-rows.ts';

/** Why a cell holds no number that can be trusted, in words that follow "is". */
export interface NumberFault {
  fault: string;
}

export interface AmountRules {
  /** Of the shop, such as `USD`; null while it is unknown. */
  currency: string | null;
  /** Digits behind the point that the currency has. */
  decimals: number;
}

const mostDigits = 18;
/** Amounts are kept with this many digits behind the point. */
const mostDecimals = 6;

/** A number of things: whole, not negative. Null for none. */
export function readCount(cell: Cell | undefined): string | null | NumberFault {
  if (saysNothing(cell)) return null;
  const text = decimalOf(cell, cell.text, 0);
  return text !== null && /^\d+$/.test(text) ? text : fault('no whole number', cell);
}

/** An amount of money in the shop's currency. Null for none. */
export function readAmount(
  cell: Cell | undefined,
  { currency, decimals }: AmountRules,
): string | null | NumberFault {
  if (saysNothing(cell)) return null;
  const code = /[A-Z]{3}/.exec(cell.text)?.[0];
  if (code !== undefined && currency !== null && code !== currency) {
    return { fault: `in ${code}, but the shop's currency is ${currency}` };
  }
  const text = decimalOf(cell, withoutCurrency(cell.text), decimals);
  if (text === null) return fault('no amount that can be read without guessing', cell);
  return text.startsWith('-') ? fault('negative', cell) : text;
}

/** `-` is what the seller center writes for none. */
function saysNothing(cell: Cell | undefined): cell is undefined {
  return cell === undefined || /^[-–—]+$/.test(cell.text);
}

const currencyMark = /(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}|Rp\.?|RM|kr\.?|đ|zł|Kč|Ft)/u.source;
const markBefore = new RegExp(`^(-?)\\s*${currencyMark}\\s*(?=[\\d-])`, 'u');
const markBehind = new RegExp(`(?<=\\d)\\s*${currencyMark}$`, 'u');

/** Only marks of currencies are taken away: a `K` or `jt` behind the digits would be a thousand or a million. */
function withoutCurrency(text: string): string {
  return text.replace(markBefore, '$1').replace(markBehind, '');
}

function decimalOf({ isNumber }: Cell, text: string, decimals: number): string | null {
  const plain = isNumber ? storedNumber(text) : writtenNumber(text, decimals);
  const [whole = '', fraction = ''] = (plain ?? '').replace(/^-/, '').split('.');
  return whole.length > mostDigits || fraction.length > mostDecimals ? null : plain;
}

/** A number as programs store it: digits, point, exponent. */
function storedNumber(text: string): string | null {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  if (sign === undefined || whole === undefined) return null;
  const value = shifted(sign, whole, fraction, Number(exponent));
  // Programs keep binary fractions: digits beyond the fifteenth are noise, which no spreadsheet shows either.
  const isNoisy = value.includes('.') && value.replace(/\D/g, '').length > 15;
  return isNoisy ? trimmed(Number(value).toFixed(mostDecimals)) : value;
}

/** Moves the point by the exponent. */
function shifted(sign: string, whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return trimmed(`${sign}${padded.slice(0, at)}.${padded.slice(at)}`);
}

/**
 * A number as people write it, by the one reading that it allows: `1,234.50`, `1.234,50`, `2.621.500`, `12,50`. Null
 * where it allows none or two: `1.234` of a currency with cents.
 */
function writtenNumber(text: string, decimals: number): string | null {
  const digits = text.replaceAll(/[\s\u00a0\u202f'’]/g, '');
  const separators = digits.replaceAll(/[^.,]/g, '');
  const last = separators.at(-1);
  if (last === undefined) return /^-?\d+$/.test(digits) ? trimmed(digits) : null;
  const isDecimalMark = separators.indexOf(last) === separators.length - 1;
  const fraction = digits.slice(digits.lastIndexOf(last) + 1);
  // Three digits behind the only separator: a group of thousands, but for a point where decimals may follow one.
  const isGroup = separators.length === 1 && fraction.length === 3 && (last === ',' || decimals === 0);
  if (!isDecimalMark || isGroup) return ungrouped(digits);
  if (separators.length === 1 && fraction.length === 3) return null;
  const whole = digits.slice(0, digits.lastIndexOf(last));
  const before = separators.length === 1 ? whole : ungrouped(whole);
  return before !== null && /^-?\d+$/.test(before) && /^\d+$/.test(fraction)
    ? trimmed(`${before}.${fraction}`)
    : null;
}

/** Takes the marks between groups of three away; null where the groups are none. */
function ungrouped(digits: string): string | null {
  return /^-?\d{1,3}(?:,\d{3})+$|^-?\d{1,3}(?:\.\d{3})+$/.test(digits)
    ? digits.replaceAll(/[.,]/g, '')
    : null;
}

/** Without zeros that say nothing. */
function trimmed(number: string): string {
  const [whole = '', fraction = ''] = number.split('.');
  const [before, behind] = [whole.replace(/^(-?)0+(?=\d)/, '$1'), fraction.replace(/0+$/, '')];
  const value = behind === '' ? before : `${before}.${behind}`;
  return value === '-0' ? '0' : value;
}

function fault(what: string, { text }: Cell): NumberFault {
  return { fault: `${what}: ${JSON.stringify(text.slice(0, 40))}` };
}
