import { type Column, columnName, decimalText, type ListRow, valueAt } from './columns.ts';
import { writeJson } from './csv-json.ts';
import { disarm } from './formulas.ts';

/** Lines of a CSV file (RFC 4180, UTF-8, comma, CRLF) for rows of a list. */
export interface CsvLines {
  header: string;
  /** One line for each row. */
  of(rows: readonly ListRow[]): string;
}

export function createCsvLines(columns: readonly Column[]): CsvLines {
  const cells = columns.map(({ path, kind }) => {
    const write = writers[kind];
    const [field = ''] = path;
    // Hundreds of thousands of rows have mostly fields of their own.
    if (path.length > 1) return (row: ListRow): string => write(valueAt(row, path));
    return (row: ListRow): string => write((row as Record<string, unknown>)[field] ?? null);
  });
  return {
    header: `${columns.map((column) => quote(columnName(column))).join(',')}\r\n`,
    of(rows) {
      let lines = '';
      for (const row of rows) {
        let separator = '';
        for (const cell of cells) {
          lines += separator + cell(row);
          separator = ',';
        }
        lines += '\r\n';
      }
      return lines;
    },
  };
}

const writers: Record<Column['kind'], (value: unknown) => string> = {
  text: writeText,
  decimal: writeDecimal,
  money: writeDecimal,
  time: writeTime,
  date: writeTime,
  flag: writeText,
  json: writeAnything,
};

/** What most texts are: nothing to disarm at the beginning, and neither separators of any kind nor quotes. */
const plainText = /^[\dA-Za-z][^",;\t\r\n]*$/;

function writeText(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string' && plainText.test(value)) return value;
  return typeof value === 'object' ? writeJson(value) : quote(disarm(String(value)));
}

function writeAnything(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'object' ? writeJson(value) : quote(disarm(jsonText(value)));
}

const plainTime = /^\d[\dT:.Z-]*$/;

/** A time of ours is made of digits first: it needs no look at what spreadsheets might make of it. */
function writeTime(value: unknown): string {
  return typeof value === 'string' && plainTime.test(value) ? value : writeText(value);
}

/** A plain decimal stands as it is, negative ones too: it can be nothing but a number. */
function writeDecimal(value: unknown): string {
  return decimalText(value) ?? writeText(value);
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

const needsQuotes = /[",\r\n]/;

function quote(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
