import { type ZippedFile, zip } from './zip.ts';

/** A cell: a text, a number as programs store it, or XML of its own. */
export type TestCell = string | { number: string } | { xml: string } | null;

export const titles = [
  ...[
    'Product Name',
    'Product ID',
    'GMV range',
    'Listing status',
    'GMV',
    'Orders',
    'SKU orders',
    'Items sold',
  ],
  ...['Product impressions', 'Product clicks', 'CTR'],
];

/** One product's row under {@link titles}. */
export function productRow(id: string, gmv: TestCell, orders: TestCell, items: TestCell): TestCell[] {
  return [
    `Product ${id}`,
    id,
    '0-100',
    'Live',
    gmv,
    orders,
    orders,
    items,
    { number: '1000' },
    { number: '50' },
    '5%',
  ];
}

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The parts of a workbook with one sheet and its texts shared, as spreadsheet programs write it. */
export function workbookParts(rows: readonly (readonly TestCell[])[]): ZippedFile[] {
  const texts: string[] = [];
  const cellOf = (cell: TestCell, column: number, row: number): string => {
    const reference = `${columnName(column)}${row}`;
    if (cell === null) return '';
    if (typeof cell === 'string') return `<c r="${reference}" t="s"><v>${texts.push(cell) - 1}</v></c>`;
    return 'xml' in cell ? cell.xml : `<c r="${reference}"><v>${cell.number}</v></c>`;
  };
  const sheetRows = rows.map(
    (cells, index) =>
      `<row r="${index + 1}">${cells.map((cell, column) => cellOf(cell, column, index + 1)).join('')}</row>`,
  );
  const strings = texts.map((text) => `<si><t>${escaped(text)}</t></si>`).join('');
  return [
    {
      name: '[Content_Types].xml',
      content: '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    },
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="Product" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `<Relationships><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    },
    { name: 'xl/sharedStrings.xml', content: `<sst xmlns="${main}">${strings}</sst>` },
    {
      name: 'xl/worksheets/sheet1.xml',
      content: `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${main}"><sheetData>${sheetRows.join('')}</sheetData></worksheet>`,
    },
  ];
}

/** A whole workbook. */
export function workbook(rows: readonly (readonly TestCell[])[]): Buffer {
  return zip(workbookParts(rows));
}

/** The export of one day, as a seller downloads it. `head` as the seller center writes it. */
export function productExport(head: string, products: readonly (readonly TestCell[])[]): Buffer {
  return workbook([[head], titles, ...products]);
}

function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
