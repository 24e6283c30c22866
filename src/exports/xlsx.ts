import type { Column, ColumnKind, ListRow } from './columns.ts';
import { createSheetXml } from './sheet.ts';
import { streamZip, type ZipEntry } from './zip.ts';

export interface WorkbookOptions {
  /** Kebab-case. Of the first sheet; a list of more rows than a sheet can hold goes on in the next ones. */
  name: string;
  /** Whose wall-clock times the cells show: a spreadsheet's times know no zone. An IANA name or a fixed offset. */
  timeZone: string;
  /** Of amounts of money; null: not one for all rows. */
  currency: string | null;
  /** Rows of a sheet, its header among them; the format allows 1,048,576. For tests. */
  rowsPerSheet?: number;
}

const mostRows = 1_048_576;
const longestSheetName = 31;
const kinds: readonly ColumnKind[] = ['text', 'decimal', 'money', 'time', 'date', 'flag', 'json'];
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageNames = 'http://schemas.openxmlformats.org/package/2006';
const mediaType = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/**
 * A workbook (ECMA-376) as a stream of bytes, with a frozen header, real numbers and dates, and text that stays text:
 * no cell is ever a formula, ids keep all of their digits, and editing a cell does not turn it into something else.
 *
 * @param batches rows in their order; they are taken as the stream is read
 */
export function streamWorkbook(
  columns: readonly Column[],
  batches: AsyncIterable<readonly ListRow[]>,
  options: WorkbookOptions,
): AsyncGenerator<Uint8Array, void> {
  return streamZip(parts(columns, batches, options));
}

/** Sheets come first: how many there are is known when the last row is. */
async function* parts(
  columns: readonly Column[],
  batches: AsyncIterable<readonly ListRow[]>,
  { name, timeZone, currency, rowsPerSheet = mostRows }: WorkbookOptions,
): AsyncGenerator<ZipEntry, void> {
  const xml = createSheetXml(columns, { timeZone, styleOf: (kind) => kinds.indexOf(kind) });
  const rows = new RowQueue(batches);
  let sheets = 0;
  do {
    sheets += 1;
    yield { name: `xl/worksheets/sheet${sheets}.xml`, content: sheet() };
  } while (await rows.hasMore());
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  yield text('xl/styles.xml', stylesXml(currency));
  yield text('xl/workbook.xml', workbookXml(name, numbers));
  yield text('xl/_rels/workbook.xml.rels', workbookRelationsXml(numbers));
  yield text('_rels/.rels', relationsXml([['officeDocument', 'xl/workbook.xml']]));
  yield text('[Content_Types].xml', contentTypesXml(numbers));

  async function* sheet(): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from(xml.start);
    let place = 2;
    while (place <= rowsPerSheet && (await rows.hasMore())) {
      const some = rows.take(rowsPerSheet - place + 1);
      yield Buffer.from(xml.rows(some, place));
      place += some.length;
    }
    yield Buffer.from(xml.end);
  }
}

/** Batches that can be taken in parts. */
class RowQueue {
  readonly #batches: AsyncIterator<readonly ListRow[]>;
  #rows: readonly ListRow[] = [];

  constructor(batches: AsyncIterable<readonly ListRow[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Waits for the next batch when there is none. */
  async hasMore(): Promise<boolean> {
    while (this.#rows.length === 0) {
      const { done, value } = await this.#batches.next();
      if (done === true) return false;
      this.#rows = value;
    }
    return true;
  }

  take(most: number): readonly ListRow[] {
    const taken = this.#rows.slice(0, most);
    this.#rows = this.#rows.slice(most);
    return taken;
  }
}

function text(name: string, content: string): ZipEntry {
  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from(`${declaration}${content}`);
  }
  return { name, content: bytes() };
}

function stylesXml(currency: string | null): string {
  const formats = kinds.map((kind) => formatOf(kind, currency));
  const declared = formats.map(
    (format, index) => `<numFmt numFmtId="${164 + index}" formatCode="${format}"/>`,
  );
  const styles = formats.map(
    (_, index) =>
      `<xf numFmtId="${164 + index}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
  );
  return (
    `<styleSheet xmlns="${main}"><numFmts count="${declared.length}">${declared.join('')}</numFmts>` +
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="${styles.length}">${styles.join('')}</cellXfs>` +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
  );
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

function workbookXml(name: string, sheets: readonly number[]): string {
  const listed = sheets.map((number) => {
    const suffix = number === 1 ? '' : ` ${number}`;
    const title = `${name.slice(0, longestSheetName - suffix.length)}${suffix}`;
    return `<sheet name="${title}" sheetId="${number}" r:id="rId${number}"/>`;
  });
  return `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets>${listed.join('')}</sheets></workbook>`;
}

function workbookRelationsXml(sheets: readonly number[]): string {
  return relationsXml([
    ...sheets.map((number): [string, string] => ['worksheet', `worksheets/sheet${number}.xml`]),
    ['styles', 'styles.xml'],
  ]);
}

function relationsXml(targets: readonly [type: string, target: string][]): string {
  const listed = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${relationships}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${packageNames}/relationships">${listed.join('')}</Relationships>`;
}

function contentTypesXml(sheets: readonly number[]): string {
  const listed = [
    ['workbook.xml', 'sheet.main'],
    ['styles.xml', 'styles'],
    ...sheets.map((number) => [`worksheets/sheet${number}.xml`, 'worksheet']),
  ].map(([part, type]) => `<Override PartName="/xl/${part}" ContentType="${mediaType}.${type}+xml"/>`);
  return (
    `<Types xmlns="${packageNames}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${listed.join('')}</Types>`
  );
}
