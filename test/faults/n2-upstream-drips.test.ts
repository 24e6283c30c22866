import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'N2',
    title: 'upstream sends one byte a second: the deadline for the whole answer cuts it',
    // The deadline is a minute.
    long: true,
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.disturb({ kind: 'slow', route: 'order_search', after: 5, times: 4 });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const [dripping] = await rig.faultHits();
    expect(dripping).toBe(4);
    return { done: 'four answers of a full sync at one byte a second', verdict: await rig.verdict() };
  },
);
