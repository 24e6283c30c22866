import { expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 10, 25, 12, 0, 0);

it.each([
  ['3', 3_000],
  [' 0 ', 0],
  ['1.5', 1_500],
  ['Wed, 25 Nov 2026 12:00:07 GMT', 7_000],
  ['Wed, 25 Nov 2026 11:59:00 GMT', 0],
  ['99999999999', 86_400_000],
  ['Fri, 25 Nov 2044 12:00:00 GMT', 86_400_000],
  ['-5', null],
  ['soon', null],
  ['', null],
  [undefined, null],
  [null, null],
])('reads %j as %j ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
