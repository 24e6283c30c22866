import { expect } from 'vitest';
import type { StartedRun } from '../../src/sync/types.ts';
import { fault } from './support/fault.ts';

fault(
  { id: 'H5', title: 'changes that upstream commits long after their time: found, and the overlap widens' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed });
    await rig.finished((await rig.start('shop-1', 'full')).run_id);
    let offset = 0;
    const later = async (seconds: number): Promise<void> => {
      offset += seconds * 1_000;
      await rig.settings({ clock_offset_ms: offset });
      await rig.syncChanges();
    };
    await rig.change('shop-1', 'late', 20, { delay_s: 1_500 });
    await rig.change('shop-1', 'late_new', 20, { delay_s: 1_500 });
    for (let step = 0; step < 3; step += 1) await later(600);
    expect(await rig.differences()).not.toEqual([]);
    const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/reconcile', {});
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    expect(await rig.differences()).toEqual([]);
    await rig.change('shop-1', 'late', 20, { delay_s: 900 });
    for (let step = 0; step < 2; step += 1) await later(700);
    return {
      done: '40 changes committed 1,500 s late and mended by a reconciliation, then 20 more 900 s late, caught by the overlap',
      verdict: await rig.verdict(),
    };
  },
);
