import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const hours = 24;

fault(
  {
    id: 'I8',
    title: 'no webhook comes for a day: the schedule alone brings every change of every hour, and no other',
    times: { quick: 3, full: hours },
  },
  async ({ rig: start, seed, times }) => {
    const rig = await start({ orders: 1_000, seed });
    await rig.finished((await rig.start('shop-1', 'full')).run_id);
    const schedule = rig.temporal.schedule.getHandle('orderSync/shop-1');
    const lastRun = async () => {
      const [run] = await rig.sql<{ id: string; status: string }[]>`
        select run_id as id, status from sync_runs order by started_at desc limit 1`;
      return run;
    };
    /** Lets TikTok's clock go on, and the schedule read what came since. */
    const readAt = async (hour: number): Promise<void> => {
      await rig.settings({ clock_offset_ms: Math.round(hour * 3_600_000) });
      const before = await lastRun();
      await schedule.trigger();
      await rig.until(async () => {
        const run = await lastRun();
        return run?.id !== before?.id && run?.status === 'completed';
      }, 'the run of the schedule is over');
    };
    let changed = 0;
    for (let round = 1; round <= times; round += 1) {
      for (const kind of ['new', 'advance', 'cancel', 'touch'])
        changed += (await rig.change('shop-1', kind, 10)).length;
      // A day has as many hours however often it is looked at.
      await readAt((round / times) * hours);
    }
    expect(changed).toBeGreaterThan(times * 20);
    const sources = await rig.sql`select 1 from webhook_events`;
    expect(sources).toHaveLength(0);
    return {
      done: `${changed} changes over ${hours} hours of TikTok's clock, read by ${times} runs of the schedule without a webhook`,
      verdict: await rig.verdict(),
    };
  },
);
