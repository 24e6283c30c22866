import { describe, expect, it } from 'vitest';
import { readRecord, splitRecords } from './record-text.ts';

describe('a row value as text', () => {
  it.each<[string, (string | null)[]]>([
    ['(a,b)', ['a', 'b']],
    ['(,"",x)', [null, '', 'x']],
    ['("a, (b)",)', ['a, (b)', null]],
    [String.raw`("say ""hi""","C:\\temp",""""")")`, ['say "hi"', String.raw`C:\temp`, '"")']],
    [String.raw`("\\""")`, [String.raw`\"`]],
    ['("two\nlines",🍵)', ['two\nlines', '🍵']],
  ])('%j', (text, record) => {
    expect(readRecord(text)).toEqual(record);
  });

  it.each(['(', '(a', '(a,', '("a', '("a""', '("'])('that breaks off, as %j does, is refused', (text) => {
    expect(() => readRecord(text)).toThrow('breaks off');
  });

  it.each<[string, string[]]>([
    ['(a)', ['(a)']],
    ['(1)(,)("")', ['(1)', '(,)', '("")']],
    ['(")(")(")""(",a)', ['(")(")', '(")""(",a)']],
    ['("a"")("""")(b")(c)', ['("a"")("""")(b")', '(c)']],
  ])('is told from those behind it: %j', (text, records) => {
    expect(splitRecords(text)).toEqual(records);
  });
});
