import { expect } from 'vitest';
import { residentMemory } from '../../bench/support/rig.ts';
import { fault } from './support/fault.ts';

/** Far above a worker at rest, far below pages piled up. */
const mostMegabytes = 1_000;

fault(
  {
    id: 'F7',
    title: 'a page of 20 MB, orders of ten thousand lines, names of a megabyte: stored in bounded memory',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed });
    await rig.change('shop-1', 'poison', 25, { poison: 'huge_title' });
    await rig.change('shop-1', 'poison', 3, { poison: 'many_lines' });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    const worker = rig.pidOf('worker');
    let most = 0;
    await rig.until(async () => {
      most = Math.max(most, residentMemory(worker));
      return (await rig.run(runId)).finished_at !== null;
    }, 'the sync ends');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(rig.pidOf('worker')).toBe(worker);
    expect(most).toBeLessThan(mostMegabytes);
    const [largest] = await rig.sql<{ lines: number; title: number }[]>`
      select max(items_count) as lines, (select max(length(product_name)) from line_items) as title from orders`;
    expect(largest).toEqual({ lines: 10_000, title: 1_000_000 });
    return {
      done: 'full sync with 25 names of a megabyte and three orders of ten thousand lines',
      verdict: await rig.verdict(),
      note: `worker at most ${Math.round(most)} MB`,
    };
  },
);
