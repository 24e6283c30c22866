import { hasHalfItsFigures, hiddenStatus, type ProductFigures } from '../product-figures.ts';
import { analysisDates } from './analysis-date.ts';
import { type AmountRules, type NumberFault, readAmount, readCount } from './read-number.ts';
import { readFirstSheet } from './read-workbook.ts';
import type { Cell, SheetRow } from './sheet-rows.ts';
import { unreadable, WorkbookError, type WorkbookFault } from './workbook-error.ts';

export interface WorkbookRules extends AmountRules {
  /** The day that whoever uploads it says it is of, `YYYY-MM-DD`; null: what the file says. */
  date: string | null;
}

export interface ProductWorkbook {
  /** The shop's day, `YYYY-MM-DD`. */
  date: string;
  products: ProductFigures[];
}

/** Titles of the columns that are read, as the seller center writes them in English. */
const columns = {
  productId: 'product id',
  title: 'product name',
  status: 'listing status',
  gmv: 'gmv',
  ordersCount: 'orders',
  itemsSold: 'items sold',
  productImpressions: 'product impressions',
  productClicks: 'product clicks',
} as const;
type Column = keyof typeof columns;
const needed: readonly Column[] = ['productId', 'gmv', 'ordersCount', 'itemsSold'];

/** The titles stand in the second or third row. */
const rowsBeforeTitles = 10;
const mostFaults = 20;

/**
 * Reads the workbook of product analytics that a seller downloads from the seller center. It is taken whole or not at
 * all: one figure that cannot be trusted refuses it.
 *
 * @throws WorkbookError that names every fault found, by row and column.
 */
export async function readProductWorkbook(bytes: Buffer, rules: WorkbookRules): Promise<ProductWorkbook> {
  const rows = readFirstSheet(bytes);
  const { date, places } = await readHead(rows, rules.date);
  const products = new Map<string, ProductFigures>();
  const faults: WorkbookFault[] = [];
  for await (const row of rows) {
    if (row.cells.size === 0) continue;
    const product = readProduct(row, places, rules, faults);
    if (products.has(product.productId)) {
      faults.push(faultAt(row, 'productId', 'stands in two rows.'));
    }
    products.set(product.productId, product);
    if (faults.length >= mostFaults) break;
  }
  if (faults.length > 0) throw new WorkbookError(faults.slice(0, mostFaults));
  return { date, products: [...products.values()] };
}

async function readHead(
  rows: AsyncGenerator<SheetRow>,
  wanted: string | null,
): Promise<{ date: string; places: Map<Column, number> }> {
  const texts: string[] = [];
  for (let count = 0; count < rowsBeforeTitles; count++) {
    const next = await rows.next();
    if (next.done) break;
    const cells = [...next.value.cells];
    if (cells.some(([, { text }]) => titleOf(text) === columns.productId)) {
      return { date: oneDay(texts, wanted), places: placesOf(cells) };
    }
    texts.push(...cells.map(([, { text }]) => text));
  }
  throw unreadable(
    'has no column "Product ID". It is another workbook, or one in another language: set the seller center to English, and download it again.',
  );
}

function placesOf(cells: readonly [number, Cell][]): Map<Column, number> {
  const places = new Map<Column, number>();
  const faults: WorkbookFault[] = [];
  for (const [column, title] of Object.entries(columns) as [Column, string][]) {
    const found = cells.filter(([, { text }]) => titleOf(text) === title);
    if (found[0] !== undefined) places.set(column, found[0][0]);
    else if (needed.includes(column)) faults.push({ path: 'file', message: `has no column "${title}".` });
    if (found.length > 1) faults.push({ path: 'file', message: `has the column "${title}" twice.` });
  }
  if (faults.length > 0) throw new WorkbookError(faults);
  return places;
}

/** Without the unit that may stand behind it in brackets. */
function titleOf(text: string): string {
  return text
    .replace(/\s*\([^)]*\)\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

function oneDay(texts: readonly string[], wanted: string | null): string {
  const readings = analysisDates(texts);
  if (readings === null) {
    if (wanted !== null) return wanted;
    throw unreadable(
      'does not say its analysis date above the titles; say the day beside the file ("date").',
    );
  }
  const days = readings.flatMap(({ from, to }) => (from === to ? [from] : []));
  const [first] = days;
  if (first === undefined) {
    throw unreadable(
      'is of several days; only one day at a time can be told apart. Download each day by itself.',
    );
  }
  if (wanted === null) return first;
  if (days.includes(wanted)) return wanted;
  throw unreadable(`is of ${days.join(' or ')}, not of ${wanted}.`);
}

function readProduct(
  row: SheetRow,
  places: ReadonlyMap<Column, number>,
  rules: AmountRules,
  faults: WorkbookFault[],
): ProductFigures {
  const cell = (column: Column): Cell | undefined => row.cells.get(places.get(column) ?? -1);
  const number = (column: Column, value: string | null | NumberFault): string | null => {
    if (value === null || typeof value === 'string') return value;
    faults.push(faultAt(row, column, `is ${value.fault}.`));
    return null;
  };
  const count = (column: Column): string | null => number(column, readCount(cell(column)));
  const productId = cell('productId')?.text ?? '';
  if (!/^\d{1,25}$/.test(productId)) {
    faults.push(faultAt(row, 'productId', 'is no product id; a spreadsheet program may have rounded it.'));
  }
  const faultsBefore = faults.length;
  const product: ProductFigures = {
    productId,
    title: cell('title')?.text.slice(0, 2_000) ?? null,
    status: statusOf(cell('status')?.text),
    imageUrl: null,
    stock: null,
    gmv: withCents(number('gmv', readAmount(cell('gmv'), rules)), rules.decimals),
    itemsSold: count('itemsSold'),
    ordersCount: count('ordersCount'),
    productImpressions: count('productImpressions'),
    productClicks: count('productClicks'),
  };
  if (faults.length === faultsBefore && hasHalfItsFigures(product)) {
    faults.push({
      path: `row ${row.number}`,
      message: 'has some of GMV, Orders and Items sold, but not all.',
    });
  }
  return product;
}

/** As amounts are written elsewhere: with all the decimals that the currency has. */
function withCents(amount: string | null, decimals: number): string | null {
  if (amount === null || decimals === 0) return amount;
  const [whole = '', fraction = ''] = amount.split('.');
  return `${whole}.${fraction.padEnd(decimals, '0')}`;
}

function statusOf(text: string | undefined): string | null {
  if (text === undefined || /^[-–—]+$/.test(text)) return null;
  return /^(live|active|activated|activate)$/i.test(text) ? 'ACTIVATE' : hiddenStatus;
}

function faultAt({ number }: SheetRow, column: Column, message: string): WorkbookFault {
  return { path: `row ${number}, ${columns[column]}`, message };
}
