import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';

function queueOf(commit: (groups: readonly (readonly number[])[]) => Promise<number[]>, mostRows = 10) {
  return new GroupCommit<number, number>({
    commit,
    mostRows,
    transactions: 1,
    concernsAll: (error) => error instanceof RangeError,
  });
}

const sum = (rows: readonly number[]): number => rows.reduce((total, row) => total + row, 0);

describe('a group commit', () => {
  it('commits the first at once and together what came meanwhile', async () => {
    const groups: number[][][] = [];
    const queue = queueOf(async (given) => {
      groups.push(given.map((rows) => [...rows]));
      await wait(5);
      return given.map(sum);
    });
    expect(await Promise.all([[1], [2, 3], [4]].map((rows) => queue.submit(rows)))).toEqual([1, 5, 4]);
    expect(groups).toEqual([[[1]], [[2, 3], [4]]]);
  });

  it('keeps a transaction to its size, but for one caller that brings more', async () => {
    const sizes: number[] = [];
    const queue = queueOf(async (given) => {
      sizes.push(given.flat().length);
      return given.map(sum);
    }, 3);
    await Promise.all([[1], [1, 1], [1, 1], [1, 1, 1, 1, 1], [1]].map((rows) => queue.submit(rows)));
    expect(sizes).toEqual([1, 2, 2, 5, 1]);
  });

  it('fails nobody but the caller whose rows cannot be stored', async () => {
    const queue = queueOf(async (given) => {
      if (given.flat().includes(13)) throw new Error('unlucky');
      return given.map(sum);
    });
    const results = await Promise.allSettled([[1], [2], [13], [4]].map((rows) => queue.submit(rows)));
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      1,
      2,
      'unlucky',
      4,
    ]);
  });

  it('asks once, not for each caller, when the trouble is everybody’s', async () => {
    let asked = 0;
    const queue = queueOf(async () => {
      asked += 1;
      await wait(5);
      throw new RangeError('away');
    });
    const results = await Promise.allSettled([[1], [2], [3]].map((rows) => queue.submit(rows)));
    expect(results.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toBe(2);
  });
});
