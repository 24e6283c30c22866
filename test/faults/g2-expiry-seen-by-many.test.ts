import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { refreshes } from './support/grants.ts';

const shops = 4;
/** Activities of each shop that read at once; with the rig's own worker and another there are more than twenty. */
const parallelSlices = 8;

fault(
  {
    id: 'G2',
    title:
      'activities of four shops in two workers see one expiry at once: one refresh, the others wait for it',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({
      orders: 2_000,
      shops,
      seed,
      environment: { TIDELINE_PARALLEL_SLICES: String(parallelSlices) },
    });
    await rig.startWorker();
    await rig.settings({ latency: 300 });
    const before = await refreshes(rig);
    const shopIds = Array.from({ length: shops }, (_, nth) => `shop-${nth + 1}`);
    const runIds: string[] = [];
    for (const shopId of shopIds) runIds.push((await rig.start(shopId, 'full')).run_id);
    for (const runId of runIds) {
      await rig.until(async () => (await rig.fetched(runId)) > 0, `${runId} reads`);
    }
    const [last] = (await rig.journal()).slice(-1);
    await rig.control('POST', '/grants/0/expire-access');
    for (const runId of runIds) {
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    }
    const refused = (await rig.journal(last?.seq)).filter(({ code }) => code === 105002);
    expect(refused.length).toBeGreaterThan(shops);
    expect(await refreshes(rig)).toBe(before + 1);
    return {
      done: `${refused.length} calls of ${shops} shops refused by one expiry`,
      verdict: await rig.verdict(),
    };
  },
);
