import { describe, expect, it } from 'vitest';
import { shareReads } from './shared-reads.ts';

describe('shared readings', () => {
  function setUp() {
    const world = { time: 0, reads: [] as string[], fault: null as Error | null };
    const read = shareReads(
      async (key) => {
        world.reads.push(key);
        if (world.fault !== null) throw world.fault;
        return `${key} ${world.reads.length}`;
      },
      { freshMs: 1000, now: () => world.time },
    );
    return { world, read };
  }

  it('are one for all who ask while it is fresh, whether or not it is done', async () => {
    const { world, read } = setUp();
    expect(await Promise.all([read('a'), read('a'), read('a')])).toEqual(['a 1', 'a 1', 'a 1']);
    world.time = 999;
    expect(await read('a')).toBe('a 1');
    expect(world.reads).toEqual(['a']);
  });

  it('are made anew when they are no longer fresh', async () => {
    const { world, read } = setUp();
    await read('a');
    world.time = 1000;
    expect(await read('a')).toBe('a 2');
  });

  it('are kept apart by what is asked for', async () => {
    const { world, read } = setUp();
    expect(await Promise.all([read('a'), read('b')])).toEqual(['a 1', 'b 2']);
    expect(world.reads).toEqual(['a', 'b']);
  });

  it('do not keep a failure', async () => {
    const { world, read } = setUp();
    world.fault = new Error('away');
    await expect(Promise.all([read('a'), read('a')])).rejects.toThrow('away');
    world.fault = null;
    expect(await read('a')).toBe('a 2');
  });
});
