import { describe, expect, it } from 'vitest';
import type { Column, ColumnKind } from './columns.ts';
import { createCsvLines } from './csv.ts';

function column(path: string, kind: ColumnKind): Column {
  return { path: path.split('.'), kind };
}

function line(kind: ColumnKind, value: unknown): string {
  return createCsvLines([column('field', kind)]).of([{ field: value }]);
}

describe('CSV lines', () => {
  it('join the names of nested fields, and end as RFC 4180 says', () => {
    const lines = createCsvLines([
      column('id', 'text'),
      column('totals.gmv', 'money'),
      column('is_cod', 'flag'),
    ]);
    expect(lines.header).toBe('id,totals.gmv,is_cod\r\n');
    expect(
      lines.of([
        { id: '1729382561234567890', totals: { gmv: '0.10' }, is_cod: true },
        { id: 'b', totals: null, is_cod: false },
        {},
      ]),
    ).toBe('1729382561234567890,0.10,true\r\nb,,false\r\n,,\r\n');
  });

  it.each([
    ['-24.90', '-24.90\r\n'],
    ['123456789012345678901234.123456', '123456789012345678901234.123456\r\n'],
    [-3, '-3\r\n'],
    [0, '0\r\n'],
    ['=1', "'=1\r\n"],
    ['-1+1', "'-1+1\r\n"],
  ])('keep a number %j exactly, and nothing else for one', (value, expected) => {
    expect(line('money', value)).toBe(expected);
    expect(line('decimal', value)).toBe(expected);
  });

  it.each([
    ['a,b', '"a,b"\r\n'],
    ['say "hi"', '"say ""hi"""\r\n'],
    ['two\nlines', '"two\nlines"\r\n'],
    ['=A1,B1', `"'=A1,B1"\r\n`],
    ['\r', `"'\r"\r\n`],
  ])('quote the text %j where it has to be', (value, expected) => {
    expect(line('text', value)).toBe(expected);
  });

  it('write lists as JSON, and disarm what is in them', () => {
    expect(line('json', [{ name: 'x;=1' }])).toBe(`"[{""name"":""x;'=1""}]"\r\n`);
    expect(line('json', [])).toBe('[]\r\n');
  });
});
