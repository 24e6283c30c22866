import { describe, expect, it } from 'vitest';
import { addDays, type Day, daysBetween } from './calendar.ts';
import { cover, periodsOf } from './cover.ts';
import { boundaryOf } from './to-date.ts';

/** How often each day is counted by what is read, if the sums hold all but those that are `unsummed`. */
function countDays(days: ReadonlySet<Day>, unsummed: readonly Day[], from: Day, to: Day): Map<Day, number> {
  const boundaries = [...new Set([...days].filter((day) => !unsummed.includes(day)).map(boundaryOf))].sort();
  const { sums, days: read } = cover([{ label: '', from, to }], { boundaries, unsummed });
  const counts = new Map<Day, number>();
  for (const day of days) {
    const inSums = sums
      .filter(() => !unsummed.includes(day))
      .filter(({ until }) => day < until && day.slice(0, 4) === addDays(until, -1).slice(0, 4))
      .reduce((sum, { added }) => sum + (added ? 1 : -1), 0);
    const inDays = read
      .filter((piece) => day >= piece.from && day < piece.to)
      .reduce((sum, { added }) => sum + (added ? 1 : -1), 0);
    if (inSums + inDays !== 0) counts.set(day, inSums + inDays);
  }
  return counts;
}

describe('what is read for a range', () => {
  it('holds each of its days once and no other, whichever days have figures', () => {
    let state = 7;
    const next = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let round = 0; round < 400; round++) {
      const days = new Set<Day>();
      for (let stretch = 0; stretch < 1 + next(5); stretch++) {
        const start = addDays('2023-11-01', next(800));
        for (let nth = 0; nth < next(200); nth++) days.add(addDays(start, nth));
      }
      const unsummed = [...days].filter(() => next(20) < round % 3).sort();
      const from = addDays('2023-10-01', next(900));
      const to = addDays(from, 1 + next(900));
      const expected = new Map([...days].filter((day) => day >= from && day < to).map((day) => [day, 1]));
      expect(countDays(days, unsummed, from, to), `${from} ${to}`).toEqual(expected);
    }
  });

  it('is little, however long the range', () => {
    const boundaries = [
      ...new Set(Array.from({ length: 1500 }, (_, nth) => boundaryOf(addDays('2023-01-01', nth)))),
    ];
    for (let shift = 0; shift < 366; shift++) {
      const from = addDays('2024-01-01', shift);
      const { sums, days } = cover([{ label: '', from, to: addDays(from, 730) }], {
        boundaries,
        unsummed: [],
      });
      expect(sums.length).toBeLessThanOrEqual(4);
      expect(days.reduce((sum, piece) => sum + daysBetween(piece.from, piece.to), 0)).toBeLessThanOrEqual(7);
    }
  });

  it('is cut into periods that touch each other', () => {
    expect(periodsOf('2026-10-30', '2026-11-10', 'week')).toEqual([
      { label: '2026-10-26', from: '2026-10-30', to: '2026-11-02' },
      { label: '2026-11-02', from: '2026-11-02', to: '2026-11-09' },
      { label: '2026-11-09', from: '2026-11-09', to: '2026-11-10' },
    ]);
    expect(periodsOf('2026-10-30', '2026-11-10', 'month').map(({ label }) => label)).toEqual([
      '2026-10-01',
      '2026-11-01',
    ]);
    expect(periodsOf('2026-10-30', '2026-11-10', 'day')).toHaveLength(11);
  });
});
