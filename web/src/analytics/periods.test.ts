import { describe, expect, it } from 'vitest';
import { periodsOf as periodsOfApi } from '../../../src/analytics/cover.ts';
import { addDays } from './days.ts';
import { periodsOf } from './periods.ts';

describe('the periods of a range', () => {
  it('are cut to it, and named by the first day of each', () => {
    expect(periodsOf({ from: '2026-01-28', to: '2026-02-03' }, 'week')).toEqual([
      { name: '2026-01-26', from: '2026-01-28', to: '2026-02-01' },
      { name: '2026-02-02', from: '2026-02-02', to: '2026-02-03' },
    ]);
    expect(periodsOf({ from: '2026-01-31', to: '2026-03-01' }, 'month')).toEqual([
      { name: '2026-01-01', from: '2026-01-31', to: '2026-01-31' },
      { name: '2026-02-01', from: '2026-02-01', to: '2026-02-28' },
      { name: '2026-03-01', from: '2026-03-01', to: '2026-03-01' },
    ]);
  });

  it.each(['day', 'week', 'month'] as const)('by %s are those of the API', (granularity) => {
    for (let from = '2023-12-01'; from < '2024-04-01'; from = addDays(from, 1)) {
      for (const days of [1, 6, 7, 31, 60, 400]) {
        const to = addDays(from, days - 1);
        const found = periodsOf({ from, to }, granularity);
        const asked = periodsOfApi(from, addDays(to, 1), granularity);
        expect(found).toEqual(
          asked.map((period) => ({ name: period.label, from: period.from, to: addDays(period.to, -1) })),
        );
      }
    }
  });
});
