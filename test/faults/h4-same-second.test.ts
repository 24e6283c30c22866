import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'H4',
    title: 'changes inside the overlap, at the watermark, and twice in one second: the last one is stored',
    times: { quick: 5, full: 20 },
  },
  async ({ times, rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed });
    await rig.finished((await rig.start('shop-1', 'full')).run_id);
    for (let round = 0; round < times; round += 1) {
      const twice = await rig.change('shop-1', 'twice', 20);
      await rig.syncChanges();
      // In the second that the watermark stands in, and again on orders that it has just passed.
      await rig.change('shop-1', 'touch', 0, { ids: twice });
      await rig.change('shop-1', 'twice', 0, { ids: twice });
    }
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed' });
    return {
      done: `${times} rounds of 20 orders changed twice before and after a sync`,
      verdict: await rig.verdict(),
    };
  },
);
