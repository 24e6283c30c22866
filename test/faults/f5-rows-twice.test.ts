import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const trouble = {
  'rows that come twice in a page': { kind: 'duplicates', times: 10 },
  'a token that leads back to its own page': { kind: 'repeated_token', after: 3, times: 12 },
};

for (const [what, script] of Object.entries(trouble)) {
  fault({ id: 'F5', title: `${what}: each order is stored once` }, async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    await rig.disturb({ route: 'order_search', ...script });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    const [hits = 0] = await rig.faultHits();
    expect(hits).toBeGreaterThan(0);
    return { done: `full sync with ${what}, ${hits} times`, verdict: await rig.verdict() };
  });
}

fault(
  { id: 'F5', title: 'orders move between pages while they are read: none is skipped' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 3_000, seed });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    await rig.change('shop-1', 'touch', 1_500);
    await rig.settings({ latency: 150 });
    const { run_id: runId } = await rig.start('shop-1', 'incremental');
    let moved = 0;
    while (['queued', 'running'].includes((await rig.run(runId)).status)) {
      await rig.change('shop-1', 'touch', 20);
      moved += 20;
    }
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(moved).toBeGreaterThan(0);
    await rig.settings({ latency: 0 });
    await rig.syncChanges();
    return { done: `${moved} orders changed while 1,500 changes were read`, verdict: await rig.verdict() };
  },
);
