import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangesAround, rangesBetween, walksNow } from './reconciling.ts';

const year = { from: 0, to: 31_536_000 };

describe('what is read and what is asked for', () => {
  it('asks for halves where little is missing, and reads where much is', () => {
    expect(walksNow({ total: 4_000, stored: 3_999, range: year })).toBe(false);
    expect(walksNow({ total: 4_000, stored: 3_900, range: year })).toBe(true);
    expect(walksNow({ total: 300, stored: 299, range: year })).toBe(true);
  });

  it('never reads more at once than a crash may cost, unless a second holds it', () => {
    expect(walksNow({ total: 40_000, stored: 0, range: year })).toBe(false);
    expect(walksNow({ total: 40_000, stored: 0, range: { from: 5, to: 6 } })).toBe(true);
  });
});

describe('ranges', () => {
  it('between cuts touch each other, whatever the cuts are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 150 })), (cuts) => {
        const ranges = rangesBetween(0, cuts, 100);
        expect(ranges[0]?.from).toBe(0);
        expect(ranges.at(-1)?.to).toBe(100);
        for (const [index, range] of ranges.entries()) {
          expect(range.from).toBeLessThan(range.to);
          if (index > 0) expect(range.from).toBe(ranges[index - 1]?.to);
        }
      }),
    );
  });

  it('around orders hold all of them, and no more than a page of the list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2_000 })), (ranks) => {
        const orders = ranks.toSorted((a, b) => b - a).map((rank) => ({ rank, created: rank * 10 }));
        const ranges = rangesAround(orders);
        for (const { created } of orders) {
          expect(ranges.filter(({ from, to }) => created >= from && created < to)).toHaveLength(1);
        }
        for (const { from, to } of ranges) expect((to - 1 - from) / 10 + 1).toBeLessThanOrEqual(100);
      }),
    );
  });
});
