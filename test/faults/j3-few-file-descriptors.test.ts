import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { openFiles } from './support/resources.ts';

const limit = 256;
/** Connections that happen to be open or closed when the files are counted. */
const tolerance = 12;

fault(
  {
    id: 'J3',
    title: `a worker with ${limit} file descriptors reads several shops at once and keeps none open`,
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, shops: 6, seed, withoutWorker: true });
    const through = ['sh', '-c', `ulimit -n ${limit} && exec "$@"`, 'sh'];
    const worker = await rig.startWorker({ through });
    const counts: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const shops = Array.from({ length: 6 }, (_, nth) => `shop-${nth + 1}`);
      const runs = await Promise.all(shops.map((shopId) => rig.start(shopId, 'full')));
      for (const { run_id: runId } of runs) {
        expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      }
      counts.push(openFiles(worker.pid ?? 0));
    }
    const [first = 0] = counts;
    expect(Math.max(...counts)).toBeLessThan(limit);
    expect(counts.at(-1)).toBeLessThanOrEqual(first + tolerance);
    return {
      done: `three full syncs of six shops side by side with ${limit} file descriptors`,
      verdict: await rig.verdict(),
      note: `${counts.join(', ')} open after each`,
    };
  },
);
