import { describe, expect, it } from 'vitest';
import { createWallClock } from './wall-clock.ts';

function clock(timeZone: string, time: string): string {
  return new Date(createWallClock(timeZone)(Date.parse(time))).toISOString().slice(0, 19);
}

describe('the wall clock of a zone', () => {
  it.each([
    ['UTC', '2026-03-01T08:30:15Z', '2026-03-01T08:30:15'],
    ['-08:00', '2026-03-01T07:59:59Z', '2026-02-28T23:59:59'],
    ['+05:45', '2026-03-01T00:00:00Z', '2026-03-01T05:45:00'],
    // Summer time begins and ends.
    ['America/Los_Angeles', '2026-03-08T09:59:59Z', '2026-03-08T01:59:59'],
    ['America/Los_Angeles', '2026-03-08T10:00:00Z', '2026-03-08T03:00:00'],
    ['Europe/London', '2026-10-25T00:59:59Z', '2026-10-25T01:59:59'],
    ['Europe/London', '2026-10-25T01:00:00Z', '2026-10-25T01:00:00'],
    ['Asia/Ho_Chi_Minh', '2026-01-01T17:00:00Z', '2026-01-02T00:00:00'],
  ])('%s reads %s as %s', (zone, time, expected) => {
    expect(clock(zone, time)).toBe(expected);
  });
});
