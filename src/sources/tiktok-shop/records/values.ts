/** Reading figures in whatever form TikTok's versions of analytics send them: exact, null where absent, or a fault. */
import { multiplyDecimal } from '../../../decimal.ts';
import { isJsonObject } from '../../../json-object.ts';
import { FieldFault } from './fields.ts';

/**
 * `money` and `count` are exact sums, `decimal` is any other figure; `percentage` is sent as a fraction of one and
 * becomes 0 to 100; `words` is a list of texts, `time` Unix seconds.
 */
export type ValueKind = 'id' | 'text' | 'words' | 'money' | 'count' | 'decimal' | 'percentage' | 'time';

const plainDecimal = /^-?\d{1,30}(\.\d{1,12})?$/;
const wholeNumber = /^\d{1,18}$/;
const spelledTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?/;
const currencyCode = /^[A-Z]{3}$/;
const longestIdentifier = 250;
const longestText = 5_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;
/** In the year 5138; whatever lies behind it is not in seconds. */
const latestSecond = 1e11;
/** Figures by channel come with the whole in `overall`; versions differ in whether they do ("Get Shop Performance"). */
const wholes = ['overall', 'total'];

/** A value as text, and the currency where it is money that names one. */
export interface ReadValue {
  text: string;
  currency: string | null;
}

/**
 * One figure of a record. Null when it is absent or empty: missing is not zero.
 *
 * @throws FieldFault when it is there and is nothing of its kind.
 */
export function readValue(kind: ValueKind, value: unknown, path: string): ReadValue | null {
  if (value === undefined || value === null || value === '') return null;
  switch (kind) {
    case 'money':
      return readMoney(value, path);
    case 'count':
      return plain(readNumber(value, path, wholeNumber, 'not a whole number'));
    case 'decimal':
      return plain(readNumber(value, path, plainDecimal, 'not a plain decimal'));
    case 'percentage':
      return readPercentage(value, path);
    case 'time':
      return readTime(value, path);
    case 'id':
      return readId(value, path);
    case 'text':
      if (typeof value === 'string') return plain(value.slice(0, longestText));
      throw new FieldFault(path, 'not a text');
    case 'words':
      if (Array.isArray(value)) return plain(value.filter((word) => typeof word === 'string').join(' '));
      throw new FieldFault(path, 'not a list of texts');
  }
}

function plain(text: string | null): ReadValue | null {
  return text === null ? null : { text, currency: null };
}

/** `{amount, currency}`, or the amount alone. */
function readMoney(value: unknown, path: string): ReadValue | null {
  if (!isJsonObject(value)) return plain(readNumber(value, path, plainDecimal, 'not a plain decimal'));
  const whole = wholeOf(value);
  if (whole !== undefined) return readMoney(whole, path);
  const amount = readNumber(value.amount, path, plainDecimal, 'not a plain decimal');
  if (amount === null) return null;
  const { currency } = value;
  if (typeof currency === 'string' && currencyCode.test(currency)) return { text: amount, currency };
  if (currency === undefined || currency === null || currency === '') return plain(amount);
  throw new FieldFault(path, 'in something that is no currency');
}

/** "0.0528" is 5.28 %; a value that says percent itself is one already. */
function readPercentage(value: unknown, path: string): ReadValue | null {
  if (typeof value === 'string' && value.endsWith('%')) {
    return plain(readNumber(value.slice(0, -1).trimEnd(), path, plainDecimal, 'not a percentage'));
  }
  const fraction = readNumber(value, path, plainDecimal, 'not a plain decimal');
  return plain(fraction === null ? null : multiplyDecimal(fraction, '100'));
}

/** Numbers of JSON are taken where they are exact: a float has lost digits before anybody could look. */
function readNumber(value: unknown, path: string, form: RegExp, fault: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (isJsonObject(value)) {
    const inner = wholeOf(value) ?? value.amount ?? value.value ?? value.count;
    if (inner === undefined) throw new FieldFault(path, 'an object without a figure');
    return readNumber(inner, path, form, fault);
  }
  const text = typeof value === 'number' ? exactDigits(value) : value;
  if (typeof text === 'string' && form.test(text)) return text;
  throw new FieldFault(path, fault);
}

function exactDigits(value: number): string | null {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) ? String(value) : null;
  // Fifteen digits are what a float keeps of any decimal.
  const text = String(value);
  return text.replaceAll(/\D/g, '').length <= 15 ? text : null;
}

/** Unix seconds, or a time in words: "2026-11-01 08:30:00" and RFC 3339, which are UTC where they name no zone. */
function readTime(value: unknown, path: string): ReadValue | null {
  if (typeof value === 'string' && spelledTime.test(value)) {
    const named = /Z|[+-]\d{2}:?\d{2}$/.test(value.slice(10));
    const time = new Date(`${value.replace(' ', 'T')}${named ? '' : 'Z'}`);
    if (!Number.isNaN(time.getTime())) return plain(time.toISOString());
  }
  const text = readNumber(value, path, wholeNumber, 'not a time in Unix seconds');
  if (text === null || text === '0') return null;
  if (Number(text) >= latestSecond) throw new FieldFault(path, 'not a time in Unix seconds');
  return plain(new Date(Number(text) * 1_000).toISOString());
}

/** Ids of SKUs come as bare integers above 2^53, which the JSON reader has made texts of. */
function readId(value: unknown, path: string): ReadValue {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string') throw new FieldFault(path, 'not an id');
  if (text.length > longestIdentifier) {
    throw new FieldFault(path, `longer than ${longestIdentifier} characters`);
  }
  if (controlCharacter.test(text) || !text.isWellFormed()) {
    throw new FieldFault(path, 'holds characters that no id has');
  }
  return { text, currency: null };
}

function wholeOf(value: Record<string, unknown>): unknown {
  return wholes.map((name) => value[name]).find((whole) => whole !== undefined && whole !== null);
}
