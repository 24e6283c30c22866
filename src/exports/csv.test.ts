import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../simulator/random.ts';
import { hostileText } from '../../test/support/hostile-text.ts';
import type { Column, ColumnKind } from './columns.ts';
import { createCsvLines } from './csv.ts';
import { disarm } from './formulas.ts';

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

  // What the writer takes shortcuts to.
  function plainly(text: string): string {
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  it('hold hostile texts as if each were disarmed and quoted as a whole', () => {
    const random = new RandomSequence(11);
    for (let turn = 0; turn < 20_000; turn++) {
      const text = hostileText(random);
      expect(line('text', text)).toBe(`${plainly(disarm(text))}\r\n`);
    }
  });

  it('hold hostile lists and objects as if their JSON were disarmed and quoted as a whole', () => {
    const random = new RandomSequence(12);
    const scalars = [null, true, false, 0, -5, 1e21, 0.1, undefined, '\ud800', new Date(0)];
    const anything = (depth: number): unknown => {
      const choice = random.below(depth > 0 ? 4 : 2);
      if (choice === 0) return scalars[random.below(scalars.length)];
      if (choice === 1) return hostileText(random);
      const values = Array.from({ length: random.below(4) }, () => anything(depth - 1));
      return choice === 2 ? values : Object.fromEntries(values.map((value) => [hostileText(random), value]));
    };
    for (let turn = 0; turn < 20_000; turn++) {
      const value = anything(3) ?? null;
      const json = value === null ? '' : JSON.stringify(value);
      // Whatever has something in it is quoted, needed or not.
      const isFilled = typeof value === 'object' && json.length > 2;
      const expected = isFilled ? `"${disarm(json).replaceAll('"', '""')}"` : plainly(disarm(json));
      expect(line('json', value)).toBe(`${expected}\r\n`);
    }
  });
});
