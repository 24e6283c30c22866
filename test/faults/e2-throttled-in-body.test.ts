import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const rate = 20;
const throttledCode = 36009002;

fault(
  {
    id: 'E2',
    title: 'throttling inside HTTP 200 is taken for what it is: few calls run into it, also after a restart',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 30_000, seed, simulator: ['--throttle-in-body'] });
    await rig.settings({ rate_limit: rate, burst: rate });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    const run = await rig.finished(runId);
    expect(run).toMatchObject({ status: 'completed', error: null });
    const first = await rig.journal();
    const throttled = throttledAmong(first);
    expect(throttled.length).toBeGreaterThan(0);
    expect(throttled.length).toBeLessThan(first.length * 0.05);
    expect(new Set(throttled.map(({ status }) => status))).toEqual(new Set([200]));
    // The run's own figures say what happened.
    expect(run.counts.throttled).toBe(throttled.length);
    const before = await budget();
    expect(before).toMatchObject({ throttled: throttled.length, learned: expect.any(Number) });

    // What was learned outlives the worker.
    await rig.kill('worker');
    const again = await rig.start('shop-1', 'full');
    expect(await rig.finished(again.run_id)).toMatchObject({ status: 'completed', error: null });
    const second = await rig.journal(first.at(-1)?.seq);
    expect(throttledAmong(second).length).toBeLessThan(second.length * 0.05);
    const after = await budget();
    expect(after.calls).toBeGreaterThan(before.calls);
    expect(after.phase).not.toBe('searching');
    return {
      done: `two full syncs of 30,000 orders against ${rate} calls/s, throttled inside HTTP 200`,
      verdict: await rig.verdict(),
      note: `${throttled.length} of ${first.length} calls throttled, after a restart ${throttledAmong(second).length} of ${second.length}; known ${after.learned} calls/s`,
    };

    async function budget(): Promise<Budget> {
      const [row] = await rig.sql<Budget[]>`
        select phase, round(learned_rate::numeric, 1)::float8 as learned, calls, throttled from request_budgets`;
      if (row === undefined) throw new Error('No budget was kept.');
      return row;
    }
  },
);

interface Budget {
  phase: string;
  learned: number | null;
  calls: number;
  throttled: number;
}

function throttledAmong<Entry extends { code: number }>(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ code }) => code === throttledCode);
}
