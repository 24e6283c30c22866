import { describe, expect, it } from 'vitest';
import { addDays, addYears, daysBetween, endOfPeriod, isDay, startOfPeriod } from './calendar.ts';
import { boundaryOf } from './to-date.ts';

describe('calendar days', () => {
  it('are days that exist', () => {
    expect(['2024-02-29', '2026-12-31', '0001-01-01'].every(isDay)).toBe(true);
    const none = [
      '2026-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-1-1',
      '26-01-01',
      '2026-01-01T00:00:00Z',
      '',
    ];
    expect(none.some(isDay)).toBe(false);
  });

  it('are counted over months, leap days and changes of the clock', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31);
  });

  it('move by a year to the day of the same name, or to the 28th of February', () => {
    expect(addYears('2026-11-21', -1)).toBe('2025-11-21');
    expect(addYears('2024-02-29', -1)).toBe('2023-02-28');
    expect(addYears('2024-02-29', 4)).toBe('2028-02-29');
  });

  it('lie in weeks from Monday and in months', () => {
    expect(startOfPeriod('2026-11-22', 'week')).toBe('2026-11-16');
    expect(startOfPeriod('2026-11-16', 'week')).toBe('2026-11-16');
    expect(endOfPeriod('2026-11-22', 'week')).toBe('2026-11-23');
    expect(startOfPeriod('2026-11-22', 'month')).toBe('2026-11-01');
    expect(endOfPeriod('2026-12-31', 'month')).toBe('2027-01-01');
    expect(endOfPeriod('2026-02-10', 'month')).toBe('2026-03-01');
  });

  it('belong to a part of a month that has 3 to 6 days', () => {
    for (let day = '2023-12-30'; day < '2025-01-05'; day = addDays(day, 1)) {
      const until = boundaryOf(day);
      expect(until > day, day).toBe(true);
      expect(daysBetween(day, until), day).toBeLessThanOrEqual(6);
      expect(['01', '06', '11', '16', '21', '26']).toContain(until.slice(8));
    }
    expect(boundaryOf('2026-12-26')).toBe('2027-01-01');
    expect(boundaryOf('2026-02-28')).toBe('2026-03-01');
    expect(boundaryOf('2026-02-05')).toBe('2026-02-06');
    expect(boundaryOf('2026-02-06')).toBe('2026-02-11');
  });
});
