import { describe, expect, it } from 'vitest';
import type { Column, ColumnKind, ListRow } from '../../src/exports/columns.ts';
import { streamWorkbook, type WorkbookOptions } from '../../src/exports/xlsx.ts';
import { lacksOpenpyxl, readWorkbook } from '../support/read-table.ts';

const missing = lacksOpenpyxl();

function column(path: string, kind: ColumnKind): Column {
  return { path: path.split('.'), kind };
}

async function workbook(
  columns: readonly Column[],
  batches: readonly (readonly ListRow[])[],
  options: Partial<WorkbookOptions> = {},
) {
  async function* given() {
    yield* batches;
  }
  const chunks: Uint8Array[] = [];
  const bytes = streamWorkbook(columns, given(), {
    ...{ name: 'orders', timeZone: '-08:00', currency: 'USD' },
    ...options,
  });
  for await (const chunk of bytes) chunks.push(chunk);
  return readWorkbook(Buffer.concat(chunks));
}

describe.skipIf(missing !== null)('workbooks', () => {
  it('go on in another sheet, header and all, where one is full', async () => {
    const rows = Array.from({ length: 23 }, (_, index) => ({ id: `o-${index}`, count: index }));
    const batches = [rows.slice(0, 4), [], rows.slice(4, 21), rows.slice(21)];
    const columns = [column('id', 'text'), column('count', 'decimal')];
    const sheets = await workbook(columns, batches, { rowsPerSheet: 9 });
    expect(sheets.map(({ name, frozen }) => [name, frozen])).toEqual([
      ['orders', 'A2'],
      ['orders 2', 'A2'],
      ['orders 3', 'A2'],
    ]);
    for (const { rows: shown } of sheets) {
      expect(shown[0]?.map(({ value }) => value)).toEqual(['id', 'count']);
      expect(shown.length).toBeLessThanOrEqual(9);
    }
    const read = sheets.flatMap(({ rows: shown }) =>
      shown.slice(1).map((row) => row.map(({ value }) => value)),
    );
    expect(read).toEqual(rows.map(({ id, count }) => [id, count]));
  });

  it('do not begin a sheet for nothing', async () => {
    const rows = Array.from({ length: 8 }, (_, index) => ({ id: `${index}` }));
    expect(await workbook([column('id', 'text')], [rows], { rowsPerSheet: 9 })).toHaveLength(1);
    const [empty, ...others] = await workbook([column('id', 'text')], []);
    expect([empty?.rows.map((row) => row.map(({ value }) => value)), others]).toEqual([[['id']], []]);
  });

  it.each([
    'plain',
    '',
    ' kept  blanks ',
    'a & b < c > "d" \'e\'',
    ']]>',
    'tab\tline\nend',
    '=1+1',
    '🍵 Ünï\u2028code',
    '1729382561234567890',
    'x'.repeat(32_767),
  ])('hold the text %j as it is, as text', async (value) => {
    const [sheet] = await workbook([column('a.b', 'text')], [[{ a: { b: value } }]]);
    const cell = sheet?.rows[1]?.[0];
    expect(sheet?.rows[0]?.[0]?.value).toBe('a.b');
    // To openpyxl an empty text is no value.
    expect([cell?.value ?? '', cell?.format]).toEqual([value, '@']);
    if (value !== '') expect(cell?.type).toBe('s');
  });

  it.each([
    ['decimal', '123456789012345', 123_456_789_012_345, 'n', 'General'],
    ['decimal', '1234567890123456', '1234567890123456', 's', '@'],
    ['decimal', '0.000000000000001', 1e-15, 'n', 'General'],
    ['decimal', '=1', '=1', 's', '@'],
    ['money', '-24.90', -24.9, 'n', '0.00'],
    ['money', 0, 0, 'n', '0.00'],
    ['flag', true, true, 'b', 'General'],
    ['flag', false, false, 'b', 'General'],
    ['date', '2026-11-21', '2026-11-21T00:00:00', 'd', 'yyyy-mm-dd'],
    ['time', '2026-11-21T07:59:59.000Z', '2026-11-20T23:59:59', 'd', 'yyyy-mm-dd hh:mm:ss'],
    ['time', '1900-02-28T12:00:00.000Z', '1900-02-28T12:00:00.000Z', 's', '@'],
    ['time', 'soon', 'soon', 's', '@'],
    ['json', [{ a: '<1>' }], '[{"a":"<1>"}]', 's', '@'],
  ] as const)('hold the %s %j', async (kind, given, value, type, format) => {
    const [sheet] = await workbook([column('it', kind)], [[{ it: given }]]);
    expect(sheet?.rows[1]?.[0]).toEqual({ value, type, format });
  });

  it('say so where a text is longer than a cell', async () => {
    const [sheet] = await workbook([column('it', 'text')], [[{ it: 'x'.repeat(40_000) }]]);
    const shown = String(sheet?.rows[1]?.[0]?.value);
    expect([shown.length, shown.startsWith('xxx'), shown.endsWith('has all of it)')]).toEqual([
      32_767,
      true,
      true,
    ]);
  });

  it('hold what XML cannot, in the way of the format', async () => {
    const [sheet] = await workbook([column('it', 'text')], [[{ it: 'a\u0001b\rc_x0041_d\uFFFFe' }]]);
    const shown = String(sheet?.rows[1]?.[0]?.value);
    // Not every version of openpyxl knows the escapes.
    const known = ['a\u0001b\rc_x0041_d\uFFFDe', 'a_x0001_b_x000D_c_x005F_x0041_d\uFFFDe'];
    expect(known).toContain(shown);
  });

  it('have columns beyond Z', async () => {
    const columns = Array.from({ length: 60 }, (_, index) => column(`c${index}`, 'decimal'));
    const row = Object.fromEntries(columns.map(({ path }, index) => [path[0], index]));
    const [sheet] = await workbook(columns, [[{ ...row, c30: null }]]);
    expect(sheet?.rows[1]?.map(({ value }) => value)).toEqual(
      columns.map((_, index) => (index === 30 ? null : index)),
    );
  });
});
