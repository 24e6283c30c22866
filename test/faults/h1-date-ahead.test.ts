import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const day = 86_400_000;

fault(
  {
    id: 'H1',
    title: "answers are dated a day ahead, as by a gateway's clock: the watermark stays behind TikTok's time",
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, seed });
    await rig.settings({ date_offset_ms: day });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    for (const offset of [day, 3_600_000, 0]) {
      await rig.settings({ date_offset_ms: offset });
      await rig.change('shop-1', 'touch', 60);
      expect(await rig.syncChanges()).toMatchObject({
        mode: 'incremental',
        status: 'completed',
        error: null,
      });
      expect(await rig.watermark('shop-1')).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
      expect((await rig.verdict()).differences).toEqual([]);
    }
    return {
      done: 'a full sync and changes while answers were dated a day, an hour and no time ahead',
      verdict: await rig.verdict(),
    };
  },
);
