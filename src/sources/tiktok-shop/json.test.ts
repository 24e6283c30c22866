import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from './json.ts';

describe('parseExactJson', () => {
  it.each([
    ['{"id":5764611234567890123}', '{"id":"5764611234567890123"}'],
    ['{"id": -5764611234567890123 }', '{"id":"-5764611234567890123"}'],
    [
      '[9007199254740991,9007199254740992,9007199254740993]',
      '[9007199254740991,"9007199254740992","9007199254740993"]',
    ],
    ['18446744073709551615', '"18446744073709551615"'],
    [
      '{"a":"x:12345678901234567890,[12345678901234567890"}',
      '{"a":"x:12345678901234567890,[12345678901234567890"}',
    ],
    [
      '{"a":"\\",12345678901234567890","b":[12345678901234567890]}',
      '{"a":"\\",12345678901234567890","b":["12345678901234567890"]}',
    ],
    ['{"a":"\\\\","b":12345678901234567890}', '{"a":"\\\\","b":"12345678901234567890"}'],
    ['{"12345678901234567890":1}', '{"12345678901234567890":1}'],
    [
      '[0.12345678901234567890,1234567890123456789e2,12345678901234567.5]',
      '[0.12345678901234567890,1234567890123456789e2,12345678901234567.5]',
    ],
    ['\uFEFF{"a":1}', '{"a":1}'],
    ['[\n12345678901234567890\n]', '["12345678901234567890"]'],
  ])('%s', (text, same) => {
    expect(parseExactJson(text)).toEqual(JSON.parse(same));
  });

  it.each([
    '',
    '{',
    '{"a":12345678901234567890',
    '{12345678901234567890:1}',
    '[012345678901234567890]',
    '[12345678901234567890"a"]',
    '[+12345678901234567890]',
    '[12345678901234567890,]',
    '"12345678901234567890',
    '[1234567890123456-7]',
    '<html>',
  ])('refuses %j as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  const safe = fc
    .jsonValue({ maxDepth: 4 })
    .filter((value) => !/(?:^|[:,[])-?\d{17}/.test(JSON.stringify(value)));

  it('equals JSON.parse where every integer is safe', () => {
    fc.assert(
      fc.property(safe, fc.maxSafeInteger(), fc.string(), (value, integer, text) => {
        const json = JSON.stringify({ value, integer, [text]: `${text},12345678901234567890"\\` }, null, 1);
        expect(parseExactJson(json)).toEqual(JSON.parse(json));
      }),
    );
  });

  it('keeps every 64-bit integer exact, wherever it stands', () => {
    fc.assert(
      fc.property(
        safe,
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
        fc.string(),
        (value, integer, text) => {
          const json = `{${JSON.stringify(text)}:[${JSON.stringify(value)},${integer} ,{"id":${integer}}]}`;
          const exact = Number.isSafeInteger(Number(integer)) ? Number(integer) : String(integer);
          expect(parseExactJson(json)).toEqual(
            JSON.parse(JSON.stringify({ [text]: [value, exact, { id: exact }] })),
          );
        },
      ),
    );
  });

  it('never accepts what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      ' ',
      '1',
      '-',
      '.',
      'e',
      '12345678901234567890',
      'a',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let valid = true;
        try {
          JSON.parse(text);
        } catch (error) {
          valid = !(error instanceof SyntaxError);
        }
        if (!valid) expect(() => parseExactJson(text)).toThrow(SyntaxError);
      }),
      { numRuns: 3_000 },
    );
  });
});
