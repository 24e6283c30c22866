import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../random.ts';
import { SortedIndex } from './sorted-index.ts';

/** What the index must equal: a plain sorted list. */
function sorted(times: readonly number[]): number[] {
  return times.map((_, order) => order).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
}

describe('SortedIndex', () => {
  it.each([1, 2, 3, 4])('equals a sorted list through thousands of moves (seed %i)', (seed) => {
    const random = new RandomSequence(seed);
    const times = Array.from({ length: 500 }, () => 1_000_000 + random.below(300));
    const index = new SortedIndex(Uint32Array.from(times));
    for (let step = 0; step < 6_000; step += 1) {
      if (random.next() < 0.3) {
        const time = 1_000_000 + random.below(400);
        index.insert(times.push(time) - 1, time);
      } else {
        const order = random.below(times.length);
        const time = 1_000_000 + random.below(400);
        index.remove(order, times[order] ?? 0);
        index.insert(order, time);
        times[order] = time;
      }
      if (step % 500 !== 0) continue;
      const expected = sorted(times);
      expect(index.size).toBe(times.length);
      expect(index.slice(0, times.length)).toEqual(expected);
      const from = random.below(times.length);
      expect(index.slice(from, from + 37)).toEqual(expected.slice(from, from + 37));
      const key = 1_000_000 + random.below(400);
      expect(index.rank(key, 0)).toBe(times.filter((time) => time < key).length);
    }
  });

  it('is empty when it is made of nothing', () => {
    const index = new SortedIndex(new Uint32Array(0));
    expect(index.size).toBe(0);
    expect(index.slice(0, 10)).toEqual([]);
  });
});
