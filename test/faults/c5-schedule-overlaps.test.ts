import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const firings = 4;

fault(
  { id: 'C5', title: 'the schedule fires while its last run is still on: no second run, no second writer' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.settings({ latency: 600 });
    const runId = await rig.syncUntil(0.2);
    const schedule = rig.temporal.schedule.getHandle('orderSync/shop-1');
    for (let nth = 1; nth <= firings; nth += 1) {
      await schedule.trigger();
      await rig.until(async () => (await starters()) >= nth, 'the schedule has fired');
    }
    expect((await rig.run(runId)).status).toBe('running');
    expect(await rig.sql`select 1 from sync_runs`).toHaveLength(1);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const claims = await rig.sql`select 1 from sync_slices where claim > walk`;
    expect(claims).toHaveLength(0);
    return { done: 'schedule fired four times in a full sync', verdict: await rig.verdict() };

    async function starters(): Promise<number> {
      let count = 0;
      const query = 'WorkflowType = "syncStarter" and ExecutionStatus = "Completed"';
      for await (const _ of rig.temporal.workflow.list({ query })) count += 1;
      return count;
    }
  },
);
