import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const shiftedClock = fileURLToPath(new URL('./support/shifted-clock.mjs', import.meta.url));

fault(
  {
    id: 'H2',
    title: 'the clock is set back by an hour in a full sync: nothing is read twice, no duration is negative',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 4_000, seed, withoutWorker: true });
    const worker = await rig.startWorker({
      nodeOptions: ['--import', shiftedClock],
      environment: {
        TIDELINE_TEST_CLOCK_SHIFT_MS: String(-3_600_000),
        TIDELINE_TEST_CLOCK_SHIFT_ON: 'SIGUSR2',
      },
    });
    await rig.settings({ latency: 200 });
    const runId = await rig.syncUntil(0.2);
    worker.kill('SIGUSR2');
    await rig.settings({ latency: 50 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    await rig.change('shop-1', 'touch', 60);
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed', error: null });
    const [calls] = await rig.sql<{ set_back: number; negative: number }[]>`
      select count(*) filter (where at < now() - interval '30 minutes') as set_back,
        count(*) filter (where duration_ms < 0) as negative from api_calls`;
    expect(calls?.set_back).toBeGreaterThan(0);
    expect(calls?.negative).toBe(0);
    const runs = await rig.sql`select 1 from sync_runs where finished_at < started_at`;
    expect(runs).toHaveLength(0);
    const history = await rig.journal();
    const verdict = await rig.verdict({ history });
    expect(verdict.refetched).toBe(0);
    return { done: 'clock of the worker set back by an hour in a full sync', verdict };
  },
);
