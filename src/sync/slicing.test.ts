import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeWindowParts, cutRange, partsOf, targetSliceSize } from './slicing.ts';

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
const range = fc.tuple(seconds, seconds).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

describe('cutRange', () => {
  it('covers the range without a gap and without an overlap', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 1, max: 3_000 }), (whole, parts) => {
        const cut = cutRange(whole, parts);
        if (whole.from === whole.to) {
          expect(cut).toEqual([]);
          return;
        }
        expect(cut[0]?.from).toBe(whole.from);
        expect(cut.at(-1)?.to).toBe(whole.to);
        for (const [index, slice] of cut.entries()) {
          expect(slice.to).toBeGreaterThan(slice.from);
          if (index > 0) expect(slice.from).toBe(cut[index - 1]?.to);
        }
        expect(cut.length).toBeLessThanOrEqual(parts);
      }),
    );
  });

  it('never cuts a second', () => {
    expect(cutRange({ from: 10, to: 12 }, 50)).toEqual([
      { from: 10, to: 11 },
      { from: 11, to: 12 },
    ]);
  });
});

describe('slice sizes', () => {
  it('ends splitting: a part of an even range is never split again, a second never at all', () => {
    fc.assert(
      fc.property(
        range,
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 1, max: 32 }),
        (whole, total, lanes) => {
          const target = targetSliceSize(total, lanes);
          expect(target).toBeGreaterThanOrEqual(500);
          expect(target).toBeLessThanOrEqual(5_000);
          const parts = partsOf(total, target, whole);
          expect(parts).toBeGreaterThanOrEqual(1);
          if (parts > 1)
            expect(cutRange(whole, parts).every((part) => part.to - part.from < whole.to - whole.from)).toBe(
              true,
            );
          expect(partsOf(total, target, { from: 7, to: 8 })).toBe(1);
          expect(changeWindowParts(total, { from: 7, to: 8 })).toBe(1);
        },
      ),
    );
  });

  it('leaves a window of a few pages whole and cuts a busy one', () => {
    expect(changeWindowParts(400, { from: 0, to: 1_000 })).toBe(1);
    expect(changeWindowParts(2_000, { from: 0, to: 1_000 })).toBe(10);
  });
});
