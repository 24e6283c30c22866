/** Reading single fields of a provider record: exact, or a fault that names its path. */

export class FieldFault extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.name = 'FieldFault';
    this.path = path;
  }
}

type Fields = Record<string, unknown>;

const plainDecimal = /^\d{1,30}(\.\d{1,12})?$/;
const wholeNumber = /^\d{1,11}$/;
/** In the year 5138; whatever lies behind it is not in seconds. */
const latestSecond = 1e11;

/** An id or a text; numbers are taken as their digits, empty means absent. Other types are a fault. */
export function text(fields: Fields, name: string, path: string): string | null {
  const value = fields[name];
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new FieldFault(`${path}${name}`, `expected text, got ${typeName(value)}`);
}

/** Far longer than any id or code of TikTok's, and short enough for every index. */
const longestIdentifier = 250;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** An id, a code or a number by which a thing is looked up; one as long as a novel is a fault. */
export function identifier(fields: Fields, name: string, path: string): string | null {
  const value = text(fields, name, path);
  if (value === null || value.length <= longestIdentifier) return value;
  throw new FieldFault(`${path}${name}`, `longer than ${longestIdentifier} characters`);
}

export function requiredIdentifier(fields: Fields, name: string, path: string): string {
  const value = identifier(fields, name, path);
  if (value === null) throw new FieldFault(`${path}${name}`, 'missing');
  return value;
}

/** An id that is the key of rows: it must survive every place that it goes through as it is. */
export function key(fields: Fields, name: string, path: string): string {
  const value = requiredIdentifier(fields, name, path);
  if (controlCharacter.test(value) || !value.isWellFormed()) {
    throw new FieldFault(`${path}${name}`, 'holds characters that no id has');
  }
  return value;
}

/** A decimal string in major units, exactly as sent; null when absent. */
export function money(fields: Fields, name: string, path: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && plainDecimal.test(value)) return value;
  throw new FieldFault(`${path}${name}`, 'not a plain decimal');
}

export function requiredMoney(fields: Fields, name: string, path: string): string {
  const value = money(fields, name, path);
  if (value === null) throw new FieldFault(`${path}${name}`, 'missing');
  return value;
}

/** Unix seconds; 0 and absent are null. */
export function seconds(fields: Fields, name: string, path: string): number | null {
  const value = fields[name];
  if (value === undefined || value === null || value === 0 || value === '' || value === '0') return null;
  const number = typeof value === 'string' && wholeNumber.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0 && number < latestSecond) {
    return number;
  }
  throw new FieldFault(`${path}${name}`, 'not a time in Unix seconds');
}

export function requiredSeconds(fields: Fields, name: string, path: string): number {
  const value = seconds(fields, name, path);
  if (value === null) throw new FieldFault(`${path}${name}`, 'missing');
  return value;
}

export function flag(fields: Fields, name: string): boolean | null {
  const value = fields[name];
  return typeof value === 'boolean' ? value : null;
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
