import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const heapMegabytes = 320;
/** A megabyte each: four times what an answer may weigh, if they came in one. */
const hugeOrders = 60;

fault(
  {
    id: 'A10',
    title: `pages far beyond a heap of ${heapMegabytes} MB: fewer orders are asked for at once, and the sync goes on`,
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 600, seed, withoutWorker: true });
    await rig.change('shop-1', 'poison', hugeOrders, { poison: 'huge_title' });
    const worker = await rig.startWorker({ nodeOptions: [`--max-old-space-size=${heapMegabytes}`] });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(worker.exitCode ?? worker.signalCode).toBeNull();
    const sizes = (await rig.journal()).map(({ params }) => Number(params.page_size));
    const small = sizes.filter((size) => size > 1 && size < 100).length;
    expect(small).toBeGreaterThan(0);
    return {
      done: `full sync with ${hugeOrders} orders of a megabyte each and a heap of ${heapMegabytes} MB`,
      verdict: await rig.verdict(),
      note: `${small} calls asked for fewer than 100 orders`,
    };
  },
);
