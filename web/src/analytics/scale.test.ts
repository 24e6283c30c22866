import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleOf } from './scale.ts';

describe('an axis', () => {
  it('has round steps', () => {
    expect(scaleOf([0, 93], 4).ticks).toEqual([0, 50, 100]);
    expect(scaleOf([1200, 8000], 4).ticks).toEqual([0, 2000, 4000, 6000, 8000]);
    expect(scaleOf([-40, 10], 4).ticks).toEqual([-40, -20, 0, 20]);
    expect(scaleOf([0, 1], 4, true).ticks).toEqual([0, 1]);
    expect(scaleOf([], 4)).toMatchObject({ low: 0, high: 1 });
    expect(scaleOf([0, 0], 4)).toMatchObject({ low: 0, high: 1 });
  });

  it('holds zero and every value, in few steps', () => {
    const cents = fc.integer({ min: -1e14, max: 1e14 });
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 20 }), (all) => {
        const values = all.map((one) => one / 100);
        const { low, high, ticks } = scaleOf(values, 4);
        expect(low).toBeLessThanOrEqual(Math.min(0, ...values));
        expect(high).toBeGreaterThanOrEqual(Math.max(0, ...values));
        expect(high).toBeGreaterThan(low);
        expect(ticks.length).toBeLessThanOrEqual(7);
      }),
    );
  });
});
