import { describe, expect, it } from 'vitest';
import { ExactNumber, exactNumber, printJson } from './exact-number.ts';

describe('numbers of JSON', () => {
  it('are numbers where nothing is lost', () => {
    expect(['0', '2450.10', '-0.05', '88', '9007199254740991'].map(exactNumber)).toEqual([
      0, 2450.1, -0.05, 88, 9007199254740991,
    ]);
  });

  it('keep every digit where a double would not', () => {
    const many = [
      '9007199254740993',
      '123456789012345678.91',
      '0.1234567890123456789',
      '1000000000000000000000',
    ];
    const body = { data: many.map(exactNumber), text: '9007199254740993' };
    expect(body.data.every((value) => value instanceof ExactNumber)).toBe(true);
    expect(printJson(body)).toBe(`{"data":[${many.join(',')}],"text":"9007199254740993"}`);
  });
});
