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
const wholeNumber = /^\d{1,12}$/;

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An id or a text; numbers are taken as their digits, empty means absent. Other types are a fault. */
export function text(fields: Fields, name: string, path: string): string | null {
  const value = fields[name];
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new FieldFault(`${path}${name}`, `expected text, got ${typeName(value)}`);
}

export function requiredText(fields: Fields, name: string, path: string): string {
  const value = text(fields, name, path);
  if (value === null) throw new FieldFault(`${path}${name}`, 'missing');
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
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e11) return value;
  if (typeof value === 'string' && wholeNumber.test(value)) return Number(value);
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
