import { describe, expect, it } from 'vitest';
import { addDays, dayIn, daysBetween, isDay } from './days.ts';
import { chosenGranularity, chosenRange, offeredGranularities, rangeOf } from './range.ts';

describe('the day of a shop', () => {
  it.each([
    ['-08:00', '2026-03-01T07:59:59Z', '2026-02-28'],
    ['-08:00', '2026-03-01T08:00:00Z', '2026-03-01'],
    ['+05:30', '2026-03-01T18:30:00Z', '2026-03-02'],
    ['America/Los_Angeles', '2026-07-01T06:59:59Z', '2026-06-30'],
    ['America/Los_Angeles', '2026-07-01T07:00:00Z', '2026-07-01'],
    ['UTC', '2026-12-31T23:59:59Z', '2026-12-31'],
  ])('in %s at %s is %s', (zone, instant, day) => {
    expect(dayIn(zone, new Date(instant))).toBe(day);
  });
});

describe('a range', () => {
  const chosen = (query: string) => chosenRange(new URLSearchParams(query), '2026-03-01');

  it('ends with the last day that is over', () => {
    expect(rangeOf('7', '2026-03-01')).toEqual({ from: '2026-02-22', to: '2026-02-28' });
    expect(rangeOf('365', '2026-03-01')).toEqual({ from: '2025-03-01', to: '2026-02-28' });
    expect(rangeOf('month', '2026-03-01')).toEqual({ from: '2026-02-01', to: '2026-02-28' });
    expect(rangeOf('month', '2026-03-02')).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  });

  it('is what the address says, and thirty days where that makes no sense', () => {
    expect(chosen('range=custom&from=2025-01-01&to=2025-02-01')).toEqual({
      preset: 'custom',
      range: { from: '2025-01-01', to: '2025-02-01' },
    });
    const usual = { preset: '30', range: { from: '2026-01-30', to: '2026-02-28' } };
    for (const query of [
      ...['', 'range=31', 'range=custom', 'range=custom&from=2025-02-30&to=2025-03-01', 'range=toString'],
      'range=custom&from=2025-03-02&to=2025-03-01',
    ]) {
      expect([query, chosen(query)]).toEqual([query, usual]);
    }
  });

  it('is offered in steps that one page of the API holds', () => {
    const of = (days: number) => ({ from: '2020-01-01', to: addDays('2020-01-01', days - 1) });
    expect(offeredGranularities(of(500))).toEqual(['day', 'week', 'month']);
    expect(offeredGranularities(of(501))).toEqual(['week', 'month']);
    expect(offeredGranularities(of(3_494))).toEqual(['month']);
    expect(chosenGranularity('day', of(501))).toBe('week');
    expect(chosenGranularity('month', of(30))).toBe('month');
    expect(chosenGranularity(null, of(30))).toBe('day');
    expect(chosenGranularity('<script>', of(365))).toBe('week');
  });
});

describe('days', () => {
  it('are those of the calendar', () => {
    expect([isDay('2024-02-29'), isDay('2023-02-29'), isDay('2024-2-9'), isDay('')]).toEqual([
      ...[true, false, false, false],
    ]);
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysBetween('2026-02-28', '2026-03-01')).toBe(1);
  });
});
