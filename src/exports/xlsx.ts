import { type CellValue, type ColumnDef, writeXlsxStream } from 'hucre/xlsx';
import { type Column, type ColumnKind, columnName, decimalText, type ListRow, valueAt } from './columns.ts';
import { jsonText } from './csv.ts';
import { createWallClock } from './wall-clock.ts';

export interface WorkbookOptions {
  /** Of the first sheet; a list of more rows than a sheet can hold goes on in the next ones. */
  name: string;
  /** Whose wall-clock times the cells show: a spreadsheet's times know no zone. An IANA name or a fixed offset. */
  timeZone: string;
  /** Of amounts of money; null: not one for all rows. */
  currency: string | null;
  /** Rows of a sheet, its header among them; the format allows 1,048,576. For tests. */
  rowsPerSheet?: number;
}

/** Excel refuses to open a file with a longer text. */
const longestText = 32_767;
const cutMark = '… (cut: a cell holds 32,767 characters; the CSV file has all of it)';
/** A spreadsheet computes with no more digits than a double tells apart. */
const exactDigits = 15;

const widths: Record<ColumnKind, number> = {
  text: 22,
  decimal: 12,
  money: 14,
  time: 20,
  date: 12,
  flag: 8,
  json: 40,
};

/**
 * A workbook as a stream of bytes, with a frozen header, real numbers and dates, and text that stays text: no cell is
 * ever a formula, ids keep all of their digits, and editing a cell does not turn it into something else.
 *
 * @param batches rows in their order; they are taken as the stream is read
 */
export function streamWorkbook(
  columns: readonly Column[],
  batches: AsyncIterable<readonly ListRow[]>,
  options: WorkbookOptions,
): ReadableStream<Uint8Array> {
  const toCells = createCells(columns, options.timeZone);
  return writeXlsxStream(cellsOf(batches, toCells), {
    name: options.name,
    columns: columns.map((column) => toDefinition(column, options.currency)),
    freezePane: { rows: 1 },
    zip64: false,
    ...(options.rowsPerSheet === undefined ? {} : { maxRowsPerSheet: options.rowsPerSheet }),
  });
}

async function* cellsOf(
  batches: AsyncIterable<readonly ListRow[]>,
  toCells: (row: ListRow) => CellValue[],
): AsyncGenerator<CellValue[]> {
  for await (const rows of batches) yield* rows.map(toCells);
}

function toDefinition(column: Column, currency: string | null): ColumnDef {
  const header = columnName(column);
  return {
    header,
    width: Math.max(widths[column.kind], Math.min(header.length + 2, 40)),
    style: { numFmt: formatOf(column.kind, currency) },
  };
}

function formatOf(kind: ColumnKind, currency: string | null): string {
  if (kind === 'money') return moneyFormat(currency);
  if (kind === 'time') return 'yyyy-mm-dd hh:mm:ss';
  if (kind === 'date') return 'yyyy-mm-dd';
  // A cell of the format "text" stays text when somebody edits it.
  return kind === 'text' || kind === 'json' ? '@' : 'General';
}

function moneyFormat(currency: string | null): string {
  if (currency === null) return 'General';
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits;
  return digits === undefined || digits === 0 ? '0' : `0.${'0'.repeat(digits)}`;
}

function createCells(columns: readonly Column[], timeZone: string): (row: ListRow) => CellValue[] {
  const toWallClock = createWallClock(timeZone);
  const writers: Record<ColumnKind, (value: unknown) => CellValue> = {
    text: textCell,
    decimal: decimalCell,
    money: decimalCell,
    time: (value) => timeCell(value, toWallClock),
    date: (value) => timeCell(value, (milliseconds) => milliseconds),
    flag: (value) => (typeof value === 'boolean' ? value : textCell(value)),
    json: (value) => textCell(jsonText(value)),
  };
  const cells = columns.map(({ path, kind }) => {
    const write = writers[kind];
    return (row: ListRow): CellValue => {
      const value = valueAt(row, path);
      return value === null ? null : write(value);
    };
  });
  return (row) => cells.map((cell) => cell(row));
}

function textCell(value: unknown): string {
  const text = inXml(typeof value === 'object' ? jsonText(value) : String(value));
  return text.length > longestText ? `${text.slice(0, longestText - cutMark.length)}${cutMark}` : text;
}

/** What XML cannot hold, and what a spreadsheet would read as the escape of another character. */
function inXml(text: string): string {
  return text.replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD').replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_');
}

/** A number, unless it has more digits than a spreadsheet would keep. */
function decimalCell(value: unknown): CellValue {
  const text = decimalText(value);
  if (text === null) return textCell(value);
  const digits = text.replaceAll(/[-.]/g, '').replace(/^0+/, '').length;
  return digits > exactDigits ? text : Number(text);
}

function timeCell(value: unknown, toWallClock: (milliseconds: number) => number): CellValue {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? textCell(value) : new Date(toWallClock(milliseconds));
}
