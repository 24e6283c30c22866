import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it.each([
  [0, null, 0, 1_000],
  [0, null, 0.999, 1_500],
  [3, null, 0.5, 8_250],
  [9, null, 0.5, 60_000],
  [0, 7_000, 0.5, 7_000],
  [3, 2_000, 0, 8_000],
  [0, 3_600_000, 0, 3_600_000],
])(
  'waits before repetition %i with Retry-After %j and random %d: %i ms',
  (retry, retryAfter, random, expected) => {
    expect(backoffMs(retry, retryAfter, random)).toBe(expected);
  },
);
