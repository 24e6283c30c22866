import { expect, test } from 'vitest';
import { formatAmount, formatDuration, formatNumber, renderTable } from './output.ts';

test('columns are aligned, figures to the right, control characters shown as such', () => {
  expect(
    renderTable(
      ['shop', '>orders'],
      [
        ['shop-1', '7'],
        ['évil\u001b[2J', '1,234'],
      ],
    ),
  ).toBe(['shop      orders', 'shop-1         7', 'évil�[2J   1,234'].join('\n'));
});

test('numbers, exact amounts and durations as people write them', () => {
  expect(formatNumber(155848)).toBe('155,848');
  expect(formatAmount('4596039.58')).toBe('4,596,039.58');
  expect(formatAmount('-1234567890123456789.10')).toBe('-1,234,567,890,123,456,789.10');
  expect(formatAmount('12')).toBe('12');
  expect([842, 12_400, 59_960, 187_000, 7_500_000].map(formatDuration)).toEqual([
    '842 ms',
    '12.4 s',
    '1 min 00 s',
    '3 min 07 s',
    '2 h 05 min',
  ]);
});
