import { describe, expect, it } from 'vitest';
import { readRecords } from './record-text.ts';

describe('row values as text', () => {
  it.each<[string, (string | null)[][]]>([
    ['', []],
    ['(a,b)', [['a', 'b']]],
    ['(1)(2)', [['1'], ['2']]],
    ['(,"",x)', [[null, '', 'x']]],
    [
      '("a, (b)",)(,c)',
      [
        ['a, (b)', null],
        [null, 'c'],
      ],
    ],
    [String.raw`("say ""hi""","C:\\temp",""""")")`, [['say "hi"', String.raw`C:\temp`, '"")']]],
    [String.raw`("\\""")`, [[String.raw`\"`]]],
    ['("two\nlines",🍵)', [['two\nlines', '🍵']]],
  ])('%j', (text, records) => {
    expect(readRecords(text)).toEqual(records);
  });

  it.each(['(', '(a', '(a,', '("a', '("a""', '("'])('that break off, as %j does, are refused', (text) => {
    expect(() => readRecords(text)).toThrow('breaks off');
  });
});
