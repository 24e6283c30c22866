import { type Column, type ColumnKind, columnName, decimalText, type ListRow, valueAt } from './columns.ts';
import { jsonText } from './csv.ts';
import { createWallClock } from './wall-clock.ts';

/** The XML of one sheet of a workbook; cells of a column have the style of its place, those of its kind. */
export interface SheetXml {
  /** What stands before the first row, the header among it. */
  start: string;
  /** Rows, the first of them at `place`, counted from 1. */
  rows(rows: readonly ListRow[], place: number): string;
  end: string;
}

/** Excel refuses to open a file with a longer text. */
const longestText = 32_767;
const cutMark = '… (cut: a cell holds 32,767 characters; the CSV file has all of it)';
/** A spreadsheet computes with no more digits than a double tells apart. */
const exactDigits = 15;
const dayMs = 86_400_000;
/** Days from 1899-12-30, which spreadsheets count from, to 1970. */
const daysBefore1970 = 25_569;
/** Before March 1900 they do not agree on a day. */
const firstAgreedDay = 61;

const widths: Record<ColumnKind, number> = {
  text: 22,
  decimal: 12,
  money: 14,
  time: 20,
  date: 12,
  flag: 8,
  json: 40,
};

type CellWriter = (place: string, value: unknown) => string;

/**
 * @param timeZone see `WorkbookOptions`
 * @param styleOf the number of the style of a kind, as the workbook declares them
 */
export function createSheetXml(
  columns: readonly Column[],
  { timeZone, styleOf }: { timeZone: string; styleOf(kind: ColumnKind): number },
): SheetXml {
  const writers = createWriters(timeZone, styleOf);
  const cells = columns.map(({ path, kind }, index) => {
    const write = writers[kind];
    const letters = columnLetters(index);
    const [field = ''] = path;
    const read =
      path.length > 1
        ? (row: ListRow) => valueAt(row, path)
        : (row: ListRow) => (row as Record<string, unknown>)[field] ?? null;
    return (row: ListRow, place: number): string => {
      const value = read(row);
      return value === null ? '' : write(`${letters}${place}`, value);
    };
  });
  const widthsXml = columns.map((column, index) => {
    const width = Math.max(widths[column.kind], Math.min(columnName(column).length + 2, 40));
    const style = styleOf(column.kind);
    return `<col min="${index + 1}" max="${index + 1}" width="${width}" style="${style}" customWidth="1"/>`;
  });
  const header = columns.map((column, index) =>
    textXml(`${columnLetters(index)}1`, columnName(column), styleOf('text')),
  );
  return {
    start:
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>' +
      '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
      `</sheetView></sheetViews><cols>${widthsXml.join('')}</cols><sheetData><row r="1">${header.join('')}</row>`,
    rows(rows, place) {
      let xml = '';
      let at = place;
      for (const row of rows) {
        xml += `<row r="${at}">`;
        for (const cell of cells) xml += cell(row, at);
        xml += '</row>';
        at += 1;
      }
      return xml;
    },
    end: '</sheetData></worksheet>',
  };
}

function createWriters(
  timeZone: string,
  styleOf: (kind: ColumnKind) => number,
): Record<ColumnKind, CellWriter> {
  const toWallClock = createWallClock(timeZone);
  const textStyle = styleOf('text');
  const text: CellWriter = (place, value) => textXml(place, asText(value), textStyle);
  const decimal = (style: number): CellWriter => {
    return (place, value) => {
      const plain = decimalText(value);
      if (plain === null || !isExact(plain)) return text(place, value);
      return `<c r="${place}" s="${style}"><v>${plain}</v></c>`;
    };
  };
  const instant = (style: number, clock: (milliseconds: number) => number): CellWriter => {
    return (place, value) => {
      const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
      const day = clock(milliseconds) / dayMs + daysBefore1970;
      // What is no time, too.
      if (!(day >= firstAgreedDay)) return text(place, value);
      return `<c r="${place}" s="${style}"><v>${day}</v></c>`;
    };
  };
  return {
    text,
    decimal: decimal(styleOf('decimal')),
    money: decimal(styleOf('money')),
    time: instant(styleOf('time'), toWallClock),
    date: instant(styleOf('date'), (milliseconds) => milliseconds),
    flag(place, value) {
      if (typeof value !== 'boolean') return text(place, value);
      return `<c r="${place}" s="${styleOf('flag')}" t="b"><v>${value ? 1 : 0}</v></c>`;
    },
    json: (place, value) => textXml(place, jsonText(value), textStyle),
  };
}

function asText(value: unknown): string {
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** Whether a spreadsheet keeps every digit. */
function isExact(decimal: string): boolean {
  if (decimal.length <= exactDigits) return true;
  return decimal.replaceAll(/[-.]/g, '').replace(/^0+/, '').length <= exactDigits;
}

function textXml(place: string, text: string, style: number): string {
  return `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${inXml(text)}</t></is></c>`;
}

/** What XML has no way to write, and the return, which it takes for a line break. */
const control = '[\\u0000-\\u0008\\u000B-\\u001F]';
const controls = new RegExp(control, 'g');
/** What a spreadsheet would read as the escape of another character. */
const seemingEscapes = /_(?=x[0-9A-Fa-f]{4}_)/g;
const needsCare = new RegExp(`[&<>\\uFFFE\\uFFFF]|${control}|${seemingEscapes.source}`);

/** Text that XML can hold, and that a spreadsheet reads as it was, as far as a cell can hold it. */
function inXml(given: string): string {
  const text =
    given.length > longestText ? `${given.slice(0, longestText - cutMark.length)}${cutMark}` : given;
  if (!needsCare.test(text)) return text;
  return text
    .replaceAll(seemingEscapes, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(controls, (character) => `_x${hexadecimal(character)}_`);
}

function hexadecimal(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}

/** A, …, Z, AA, …: how spreadsheets count columns. */
function columnLetters(index: number): string {
  const rest = String.fromCharCode(65 + (index % 26));
  return index < 26 ? rest : `${columnLetters(Math.floor(index / 26) - 1)}${rest}`;
}
