import { describe, expect, it } from 'vitest';
import { readDate, ShopCalendar } from './calendar.ts';

describe('the calendar of a shop', () => {
  const calendar = new ShopCalendar('America/Los_Angeles');
  const hoursOf = (date: string): number => {
    const number = readDate(date) ?? 0;
    return (calendar.momentOf(number + 1) - calendar.momentOf(number)) / 3600;
  };

  it('has days of 23 and 25 hours', () => {
    expect(hoursOf('2026-03-08')).toBe(23);
    expect(hoursOf('2026-11-01')).toBe(25);
    expect(hoursOf('2026-11-02')).toBe(24);
  });

  it('puts the seconds around midnight into their days', () => {
    const number = readDate('2026-11-01') ?? 0;
    expect(calendar.dayOf(calendar.momentOf(number))).toBe(number);
    expect(calendar.dayOf(calendar.momentOf(number) - 1)).toBe(number - 1);
    expect(calendar.dayOf(calendar.momentOf(number) + 25 * 3600 - 1)).toBe(number);
  });

  it.each(['2026-02-30', '2026-13-01', '20260101', '2026-1-1', ''])('takes %o for no date', (text) => {
    expect(readDate(text)).toBeNull();
  });
});
