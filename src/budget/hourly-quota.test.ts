import { expect, it } from 'vitest';
import { atHour, callsLeft, type QuotaState } from './hourly-quota.ts';

const hour = 3_600_000;
const state: QuotaState = { hour: 10, calls: 50, refused: false, learned: 100 };

it('begins anew with each clock hour and keeps what it learned', () => {
  expect(atHour(state, 10.9 * hour)).toBe(state);
  expect(atHour({ ...state, refused: true }, 11 * hour)).toEqual({ ...state, hour: 11, calls: 0 });
});

it.each([
  [{}, 'incremental', 61],
  [{}, 'history', 40],
  [{ calls: 95 }, 'analytics', 0],
  [{ learned: null }, 'history', Number.POSITIVE_INFINITY],
  [{ learned: null, refused: true }, 'webhooks', 0],
  [{ learned: 1, calls: 0 }, 'incremental', 2],
] as const)('leaves of %j for %s: %d', (change, lane, left) => {
  expect(callsLeft({ ...state, ...change }, lane)).toBe(left);
});
