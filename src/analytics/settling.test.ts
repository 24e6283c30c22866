import { describe, expect, it } from 'vitest';
import { nextReadOn, readAgainOn } from './settling.ts';

describe('days that have not settled', () => {
  it('are read again 1, 2, 3, 7, 14 and 30 days after their end', () => {
    const plan: string[] = [];
    for (let today: string | null = '2026-03-01'; today !== null; ) {
      const next = nextReadOn('2026-03-01', today);
      if (next !== null) plan.push(next);
      today = next;
    }
    expect(plan).toEqual([
      '2026-03-03',
      '2026-03-04',
      '2026-03-05',
      '2026-03-09',
      '2026-03-16',
      '2026-04-01',
    ]);
  });

  it('settle when a read that was due agrees with the one before', () => {
    const before = { readAgainOn: '2026-03-03' };
    expect(readAgainOn('2026-03-01', '2026-03-03', before, false)).toBeNull();
    expect(readAgainOn('2026-03-01', '2026-03-03', before, true)).toBe('2026-03-04');
  });

  it('do not settle by being read twice in a row', () => {
    const before = { readAgainOn: '2026-03-03' };
    expect(readAgainOn('2026-03-01', '2026-03-02', before, false)).toBe('2026-03-03');
  });

  it('are settled at once when their time is over, and open again only while it is not', () => {
    expect(readAgainOn('2026-01-01', '2026-03-02', null, true)).toBeNull();
    expect(readAgainOn('2026-01-01', '2026-03-02', { readAgainOn: null }, true)).toBeNull();
    expect(readAgainOn('2026-03-01', '2026-03-05', { readAgainOn: null }, true)).toBe('2026-03-09');
    expect(readAgainOn('2026-03-01', '2026-03-05', { readAgainOn: null }, false)).toBeNull();
  });
});
