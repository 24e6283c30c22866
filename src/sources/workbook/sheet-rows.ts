import type { WorkbookPackage } from './open-package.ts';
import { startXml } from './parse-xml.ts';
import { unreadable } from './workbook-error.ts';

/** What a cell holds, as it is written in the file. */
export interface Cell {
  text: string;
  /** Stored as a number: digits, point and exponent as programs write them, whatever the reader's country. */
  isNumber: boolean;
}

export interface SheetRow {
  /** As the spreadsheet numbers it, from 1. */
  number: number;
  /** By column, from 0; empty cells are left out. */
  cells: ReadonlyMap<number, Cell>;
}

const mostRows = 200_000;
const mostColumns = 300;

/**
 * The rows of one sheet, in order, while the sheet is unpacked. Formulas are refused: an export has none, and what
 * they came to when the file was saved is nobody's figure.
 *
 * @throws WorkbookError when the sheet is malformed or too large.
 */
export async function* readSheetRows(
  parts: WorkbookPackage,
  path: string,
  strings: readonly string[],
): AsyncGenerator<SheetRow> {
  const rows = new RowCollector(strings);
  const parser = startXml(rows);
  for await (const chunk of parts.read(path)) {
    parser.write(chunk);
    yield* rows.take();
  }
  parser.end();
  yield* rows.take();
}

class RowCollector {
  readonly #strings: readonly string[];
  #finished: SheetRow[] = [];
  #row = 0;
  #cells = new Map<number, Cell>();
  #column = -1;
  #type = 'n';
  #value = '';
  #inValue = false;

  constructor(strings: readonly string[]) {
    this.#strings = strings;
  }

  take(): SheetRow[] {
    const rows = this.#finished;
    this.#finished = [];
    return rows;
  }

  open = (name: string, attributes: Record<string, string>): void => {
    if (name === 'row') {
      this.#row = rowNumber(attributes.r) ?? this.#row + 1;
      if (this.#row > mostRows) throw unreadable(`has more than ${mostRows} rows.`);
      this.#cells = new Map();
      this.#column = -1;
    } else if (name === 'c') {
      this.#column = columnIndex(attributes.r) ?? this.#column + 1;
      if (this.#column >= mostColumns) throw unreadable(`has more than ${mostColumns} columns.`);
      this.#type = attributes.t ?? 'n';
      this.#value = '';
    } else if (name === 'f') {
      throw unreadable(`holds a formula (row ${this.#row}); an export of the seller center has none.`);
    } else if (name === 'v' || name === 't') {
      this.#inValue = true;
    }
  };

  text = (text: string): void => {
    if (this.#inValue) this.#value += text;
  };

  close = (name: string): void => {
    if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'c') this.#endCell();
    else if (name === 'row') this.#finished.push({ number: this.#row, cells: this.#cells });
  };

  #endCell(): void {
    const text = this.#type === 's' ? this.#sharedText() : this.#value;
    if (text.trim() !== '')
      this.#cells.set(this.#column, { text: text.trim(), isNumber: this.#type === 'n' });
  }

  #sharedText(): string {
    const text = /^\d{1,9}$/.test(this.#value) ? this.#strings[Number(this.#value)] : undefined;
    if (text === undefined) throw unreadable(`refers to a text that it does not hold (row ${this.#row}).`);
    return text;
  }
}

function rowNumber(reference: string | undefined): number | null {
  return reference !== undefined && /^[1-9]\d{0,6}$/.test(reference) ? Number(reference) : null;
}

/** `A1` is 0, `AB7` is 27. */
function columnIndex(reference: string | undefined): number | null {
  const letters = /^([A-Z]{1,3})\d+$/.exec(reference ?? '')?.[1];
  if (letters === undefined) return null;
  return [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
