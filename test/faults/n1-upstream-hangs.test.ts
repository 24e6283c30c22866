import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  { id: 'N1', title: 'upstream takes calls and never answers: each is given up and made again' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.disturb({ kind: 'hang', route: 'order_search', after: 5, times: 4 });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const [hung] = await rig.faultHits();
    expect(hung).toBe(4);
    return { done: 'four calls of a full sync without an answer', verdict: await rig.verdict() };
  },
);
