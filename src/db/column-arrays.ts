import type { Sql, Transaction } from './pool.ts';

/** A column of a bulk statement: its name and its SQL type. */
export type Column = readonly [name: string, type: string];
export type ColumnValue = string | number | bigint | boolean | null;

const needsCleaning = /[\0\ud800-\udfff]/;
/** One look at a text finds whether anything is to be done with it at all: for nearly all there is nothing. */
const needsWork = /["\\\0\ud800-\udfff]/;

/** PostgreSQL text holds neither NUL nor half a surrogate pair; both become U+FFFD so that the rest is kept. */
export function cleanText(text: string): string {
  return needsCleaning.test(text) ? text.replaceAll('\0', '\ufffd').toWellFormed() : text;
}

function literal(value: ColumnValue): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `"${needsWork.test(value) ? cleanText(value).replace(/["\\]/g, '\\$&') : value}"`;
}

/**
 * Rows as one array literal a column, for `unnest($1::text::type[], …)`. Of the ways measured this costs the
 * least on both sides: a third less in the database than `json_to_recordset`, half of the driver's own arrays.
 */
export function columnArrays(
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, ColumnValue>>[],
): string[] {
  return columns.map(([name]) => `{${rows.map((row) => literal(row[name] ?? null)).join(',')}}`);
}

/** Texts as one array literal, for `$1::text[]`. */
export function textArray(values: readonly string[]): string {
  return `{${values.map(literal).join(',')}}`;
}

/** `unnest($n::text::type[], …) as alias(columns)`, parameters counted from `firstParameter`. */
export function unnestClause(columns: readonly Column[], alias: string, firstParameter: number): string {
  const parameters = columns.map(([, type], index) => `$${firstParameter + index}::text::${type}[]`);
  return `unnest(${parameters.join(', ')}) as ${alias}(${columns.map(([name]) => name).join(', ')})`;
}

/** Runs a bulk statement that was built once, as a prepared statement. */
export function bulk<Row extends object>(
  sql: Sql | Transaction,
  statement: string,
  parameters: readonly (string | number | Date | null)[],
): Promise<readonly Row[]> {
  return sql.unsafe<Row[]>(statement, [...parameters], { prepare: true });
}
