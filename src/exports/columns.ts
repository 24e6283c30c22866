/**
 * What the cells of a column hold: `decimal` is an exact number of any size as text or a number, `money` one in the
 * shop's currency, `time` an RFC 3339 time, `date` a calendar day, `json` a list or an object of no fixed shape.
 */
export type ColumnKind = 'text' | 'decimal' | 'money' | 'time' | 'date' | 'flag' | 'json';

/** One column of a file: a field of the rows that the JSON list shows. */
export interface Column {
  /** The names of the fields that lead to it; in the file joined with `.`. */
  path: readonly string[];
  kind: ColumnKind;
}

/** A row as the JSON list shows it. */
export type ListRow = object;

export function columnName({ path }: Column): string {
  return path.join('.');
}

/** What a row holds for a column; null where any of the fields on the way is missing or null. */
export function valueAt(row: ListRow, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[field];
  }
  return value ?? null;
}

const plainDecimal = /^-?\d+(\.\d+)?$/;

/** The decimal as text, null when it is none: what a program computes with must never be anything else. */
export function decimalText(value: unknown): string | null {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  return typeof text === 'string' && plainDecimal.test(text) ? text : null;
}
