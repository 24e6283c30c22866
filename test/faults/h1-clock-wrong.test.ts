import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const minute = 60_000;
const shifts = {
  'ten minutes slow': -10 * minute,
  'ten minutes fast': 10 * minute,
  'a day slow': -1_440 * minute,
  'a day fast': 1_440 * minute,
};

const shiftedClock = fileURLToPath(new URL('./support/shifted-clock.mjs', import.meta.url));

fault(
  { id: 'H1', title: "the worker's clock is wrong by minutes or a day: times come from upstream alone" },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, seed, withoutWorker: true });
    for (const shift of Object.values(shifts)) {
      const worker = await rig.startWorker({
        nodeOptions: ['--import', shiftedClock],
        environment: { TIDELINE_TEST_CLOCK_SHIFT_MS: String(shift) },
      });
      const before = Math.floor(Date.now() / 1_000);
      const { run_id: runId } = await rig.start('shop-1', 'full');
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      await rig.change('shop-1', 'touch', 60);
      expect(await rig.syncChanges()).toMatchObject({
        mode: 'incremental',
        status: 'completed',
        error: null,
      });
      const watermark = await rig.watermark('shop-1');
      expect(watermark).toBeGreaterThanOrEqual(before);
      expect(watermark).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
      worker.kill('SIGKILL');
    }
    return {
      done: `full and incremental syncs by workers whose clock was ${Object.keys(shifts).join(', ')}`,
      verdict: await rig.verdict(),
    };
  },
);
