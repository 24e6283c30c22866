import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'N3',
    title: 'connections reset before, after and in the middle of an answer: no page is half applied',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 4_000, seed });
    const kinds = ['reset', 'lost_answer', 'reset_mid_body', 'truncated'];
    await rig.disturb(
      ...kinds.map((kind, nth) => ({ kind, route: 'order_search', after: 3 + nth * 4, times: 5 })),
    );
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await rig.faultHits()).toEqual(kinds.map(() => 5));
    return { done: '20 connections of a full sync reset in four ways', verdict: await rig.verdict() };
  },
);
