import { expect, it } from 'vitest';
import { faultOfExpression } from './expression.ts';

it.each(['Kiln', '(?i)^by (?P<brand>\\pL+)', '[[:alpha:]]+', '\\Qa.b\\E', 'x{0,100}', '(?:)'])(
  'takes %j',
  (text) => {
    expect(faultOfExpression(text)).toBeNull();
  },
);

it.each([
  ['(', 'missing closing )'],
  ['[a', 'missing closing ]'],
  ['*a', 'missing argument to repetition operator'],
  ['(a)\\1', 'invalid escape sequence'],
  ['(?=a)b', 'invalid or unsupported Perl syntax'],
  ['(?<!a)b', 'invalid named capture'],
  ['\\p{Nope}', 'invalid character class range'],
  ['a{1001}', 'invalid repeat count'],
  ['((a{1,100}){1,100}){1,100}', 'invalid repeat count'],
])('says what is wrong with %j', (text, reason) => {
  expect(faultOfExpression(text)).toContain(reason);
});

it.each(['a{301}', '(.{1,20}){1,20}', '(\\pL{0,50}){0,10}x'])('refuses %j for its size', (text) => {
  expect(faultOfExpression(text)).toContain('too large');
});

it('refuses nesting that no stack would hold', () => {
  expect(faultOfExpression(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toContain('RE2');
});
