import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'C8',
    title: 'a workflow terminated in its middle: the watermark stays, the next start completes the run',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 4_000, seed });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    const watermark = await rig.watermark('shop-1');
    await rig.change('shop-1', 'mixed', 300);
    await rig.settings({ latency: 400 });
    const runId = await rig.syncUntil(0.2);
    await rig.temporal.workflow.getHandle('orderSync/shop-1').terminate('fault C8');
    expect(await rig.watermark('shop-1')).toBe(watermark);
    await rig.settings({ latency: 0 });
    expect(await rig.start('shop-1', 'incremental')).toMatchObject({ run_id: runId, already_running: true });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    return { done: 'workflow terminated in a full sync, then started again', verdict: await rig.verdict() };
  },
);
