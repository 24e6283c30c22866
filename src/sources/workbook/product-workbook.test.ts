import { describe, expect, it } from 'vitest';
import { readProductWorkbook, type WorkbookRules } from './product-workbook.ts';
import {
  productExport,
  productRow,
  type TestCell,
  titles,
  workbook,
  workbookParts,
} from './testing/workbook.ts';
import { zip } from './testing/zip.ts';
import { WorkbookError } from './workbook-error.ts';

const rules: WorkbookRules = { currency: 'USD', decimals: 2, date: null };
const head = 'Analysis date: 22/03/2025~22/03/2025';
const row = productRow('1729384756473829123', '$1,962.29', { number: '70' }, { number: '88' });

async function faultsOf(bytes: Buffer, changes: Partial<WorkbookRules> = {}) {
  const error = await readProductWorkbook(bytes, { ...rules, ...changes }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkbookError);
  return error instanceof WorkbookError ? error.faults.map(({ path, message }) => `${path} ${message}`) : [];
}

const withCell = (column: string, cell: TestCell): TestCell[] =>
  row.map((one, index) => (titles[index] === column ? cell : one));

describe('the workbook of one day', () => {
  it('gives the figures of each product, exactly', async () => {
    const second = productRow('9007199254740993', '-', '-', '-');
    expect(await readProductWorkbook(productExport(head, [row, second]), rules)).toEqual({
      date: '2025-03-22',
      products: [
        {
          productId: '1729384756473829123',
          title: 'Product 1729384756473829123',
          status: 'ACTIVATE',
          imageUrl: null,
          stock: null,
          gmv: '1962.29',
          itemsSold: '88',
          ordersCount: '70',
          productImpressions: '1000',
          productClicks: '50',
        },
        expect.objectContaining({
          productId: '9007199254740993',
          gmv: null,
          ordersCount: null,
          itemsSold: null,
        }),
      ],
    });
  });

  it('takes titles in the third row, in another order, with units and inline texts', async () => {
    const inline = { xml: '<c t="inlineStr"><is><r><t>gmv </t></r><r><t>(USD)</t></r></is></c>' };
    const bytes = workbook([
      [head],
      ['Product analytics'],
      ['Items  sold', inline, 'ORDERS', ' Product ID '],
      [{ number: '2' }, { number: '5' }, { number: '1' }, '77'],
      [],
    ]);
    const { products } = await readProductWorkbook(bytes, rules);
    expect(products).toEqual([
      expect.objectContaining({
        productId: '77',
        gmv: '5.00',
        itemsSold: '2',
        ordersCount: '1',
        title: null,
      }),
    ]);
  });

  it('asks which day it is where the file does not say, and believes neither over the other', async () => {
    const dateless = productExport('Product analytics', [row]);
    expect(await faultsOf(dateless)).toEqual([expect.stringContaining('does not say its analysis date')]);
    expect((await readProductWorkbook(dateless, { ...rules, date: '2025-03-22' })).date).toBe('2025-03-22');
    expect(await faultsOf(productExport(head, [row]), { date: '2025-03-23' })).toEqual([
      'file is of 2025-03-22, not of 2025-03-23.',
    ]);
    const ambiguous = productExport('วันที่วิเคราะห์: 04/03/2025~04/03/2025', [row]);
    expect((await readProductWorkbook(ambiguous, rules)).date).toBe('2025-03-04');
    expect((await readProductWorkbook(ambiguous, { ...rules, date: '2025-04-03' })).date).toBe('2025-04-03');
    const monthFirst = productExport('Analysis date: 03/22/2025~03/22/2025', [row]);
    expect((await readProductWorkbook(monthFirst, rules)).date).toBe('2025-03-22');
  });

  it('is refused when it is of several days or of one that does not exist', async () => {
    expect(await faultsOf(productExport('Analysis date: 01/03/2025~07/03/2025', [row]))).toEqual([
      expect.stringContaining('is of several days'),
    ]);
    expect(await faultsOf(productExport('Analysis date: 31/31/2025~31/31/2025', [row]))).toHaveLength(1);
  });

  it('names every fault by row and column', async () => {
    const bytes = productExport(head, [
      withCell('GMV', '1.962'),
      withCell('Items sold', '8.5'),
      withCell('Product ID', { number: '1.72938475647383E+18' }),
      withCell('GMV', 'EUR 5'),
      productRow('78', '-', '3', '4'),
    ]);
    expect(await faultsOf(bytes)).toEqual([
      'row 3, gmv is no amount that can be read without guessing: "1.962".',
      'row 4, items sold is no whole number: "8.5".',
      'row 4, product id stands in two rows.',
      'row 5, product id is no product id; a spreadsheet program may have rounded it.',
      "row 6, gmv is in EUR, but the shop's currency is USD.",
      'row 6, product id stands in two rows.',
      'row 7 has some of GMV, Orders and Items sold, but not all.',
    ]);
  });
});

describe('what is no workbook of products', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('Product ID,GMV\n1,2\n')],
    ['a page', Buffer.from('<html>Log in</html>')],
    ['half a signature', Buffer.from('PK')],
  ])('%s is refused', async (_name, bytes) => {
    expect(await faultsOf(bytes)).toEqual(['file is not an Excel workbook (.xlsx).']);
  });

  it('is refused: an old workbook, another archive, a cut one, one without a sheet', async () => {
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    expect(await faultsOf(old)).toEqual([expect.stringContaining('old workbook')]);
    expect(await faultsOf(zip([{ name: 'a.txt', content: 'a' }]))).toEqual([
      'file is not an Excel workbook: it has no xl/_rels/workbook.xml.rels.',
    ]);
    const whole = productExport(head, [row]);
    for (const length of [5, 100, Math.floor(whole.length / 2), whole.length - 3]) {
      expect(await faultsOf(whole.subarray(0, length))).toEqual(['file is damaged or was cut off.']);
    }
    const noSheet = workbookParts([[head]]).map((part) =>
      part.name === 'xl/workbook.xml' ? { ...part, content: '<workbook><sheets/></workbook>' } : part,
    );
    expect(await faultsOf(zip(noSheet))).toEqual(['file is a workbook without a sheet.']);
  });

  it('is refused: other columns, or one of them missing or twice', async () => {
    expect(
      await faultsOf(
        workbook([
          ['Order ID', 'Amount'],
          ['1', '2'],
        ]),
      ),
    ).toEqual([expect.stringContaining('no column "Product ID"')]);
    expect(await faultsOf(workbook([[head], ['Product ID', 'GMV', 'Orders', 'gmv']]))).toEqual([
      'file has the column "gmv" twice.',
      'file has no column "items sold".',
    ]);
  });
});

describe('a hostile workbook', () => {
  const sheetOf = (content: string): Buffer =>
    zip(
      workbookParts([[head], titles, row]).map((part) =>
        part.name === 'xl/worksheets/sheet1.xml' ? { ...part, content } : part,
      ),
    );

  it('does not run formulas', async () => {
    const formula = { xml: '<c r="E3"><f>1962+1</f><v>1963</v></c>' };
    expect(await faultsOf(productExport(head, [withCell('GMV', formula)]))).toEqual([
      'file holds a formula (row 3); an export of the seller center has none.',
    ]);
  });

  it('does not unpack a bomb, whether it tells its size or lies', async () => {
    const zeros = Buffer.alloc(150 * 1024 * 1024, ' ');
    const sheet = (claimedSize?: number) =>
      zip(
        workbookParts([[head]]).map((part) =>
          part.name === 'xl/worksheets/sheet1.xml'
            ? { name: part.name, content: zeros, ...(claimedSize === undefined ? {} : { claimedSize }) }
            : part,
        ),
      );
    expect(await faultsOf(sheet())).toEqual(['file unpacks to more than 128 MB.']);
    expect(await faultsOf(sheet(1_000))).toEqual(['file is damaged or was cut off.']);
  });

  it('does not resolve entities, document types or files outside', async () => {
    const laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><worksheet>&c;</worksheet>';
    expect(await faultsOf(sheetOf(laughs))).toEqual([
      'file declares a document type, which no workbook does.',
    ]);
    expect(await faultsOf(sheetOf('<worksheet>&c;</worksheet>'))).toEqual(['file holds malformed XML.']);
    const outside = workbookParts([[head]]).map((part) =>
      part.name.endsWith('.rels')
        ? { ...part, content: part.content.toString().replace('worksheets/sheet1.xml', '../../etc/passwd') }
        : part,
    );
    expect(await faultsOf(zip(outside))).toEqual([expect.stringContaining('it has no ../etc/passwd')]);
  });

  it('does not nest, widen or lengthen without end', async () => {
    expect(await faultsOf(sheetOf('<a>'.repeat(100_000)))).toEqual([
      'file holds XML that is nested too deep.',
    ]);
    const wide = '<sheetData><row r="1"><c r="ZZ1"><v>1</v></c></row></sheetData>';
    expect(await faultsOf(sheetOf(wide))).toEqual(['file has more than 300 columns.']);
    const long = '<sheetData><row r="900000"/></sheetData>';
    expect(await faultsOf(sheetOf(long))).toEqual(['file has more than 200000 rows.']);
    const lost = '<sheetData><row><c t="s"><v>999</v></c></row></sheetData>';
    expect(await faultsOf(sheetOf(lost))).toEqual(['file refers to a text that it does not hold (row 1).']);
  });

  it('is refused when its text is not UTF-8, or its archive has a name twice or a thousand files', async () => {
    const parts = workbookParts([[head], titles, row]);
    const latin = parts.map((part) =>
      part.name.endsWith('sheet1.xml') ? { ...part, content: Buffer.from('<a>\xe4</a>', 'latin1') } : part,
    );
    expect(await faultsOf(zip(latin))).toEqual(['file is damaged or was cut off.']);
    expect(await faultsOf(zip([...parts, ...parts]))).toEqual(['file holds two files of one name.']);
    const many = Array.from({ length: 1_001 }, (_, index) => ({ name: `${index}`, content: '' }));
    expect(await faultsOf(zip(many))).toEqual(['file holds more than 1000 files.']);
  });
});
