import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { taskQueue } from '../../src/temporal/names.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'C4',
    title: 'the same start asked for fifty times at once, by callers and by the schedule: one run',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 2_000, seed });
    await rig.settings({ latency: 400 });
    const { workflow, schedule } = rig.temporal;
    const scheduled = Array.from({ length: 25 }, (_, nth) =>
      workflow.execute('syncStarter', {
        taskQueue,
        workflowId: `syncStarter/test/${nth}`,
        args: ['shop-1', 'orders'],
      }),
    );
    const asked = Array.from({ length: 25 }, () =>
      rig.api.post<StartedRun>('/api/sync/orders', { shop_id: 'shop-1' }),
    );
    const answers = await Promise.all(asked);
    await Promise.all([...scheduled, schedule.getHandle('orderSync/shop-1').trigger()]);
    const ids = new Set(answers.map((answer) => answer.run_id));
    expect(ids.size).toBe(1);
    expect(await rig.sql`select 1 from sync_runs`).toHaveLength(1);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(answers[0]?.run_id ?? '')).toMatchObject({ status: 'completed' });
    await rig.record('syncStarter', 'syncStarter/test/0');
    return { done: '50 starts at once and one by the schedule', verdict: await rig.verdict() };
  },
);
