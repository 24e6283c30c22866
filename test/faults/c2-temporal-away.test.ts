import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';

fault(
  { id: 'C2', title: 'starts are asked for while Temporal is away: told so by 503, and none is lost' },
  async ({ rig: start, seed }) => {
    const shops = ['shop-1', 'shop-2', 'shop-3'];
    const rig = await start({ orders: 1_500, shops: shops.length, seed });
    const frozen = rig.signal('temporal', 'SIGSTOP');
    const refused = await Promise.all(shops.map((shopId) => postStart(rig, { shopId })));
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    }
    const stored = await rig.sql<{ id: string }[]>`select run_id as id from sync_runs order by shop_id`;
    expect(stored).toHaveLength(shops.length);
    expect(await rig.ready()).toBe(false);
    process.kill(frozen, 'SIGCONT');
    await rig.until(async () => (await rig.ready()) === true, 'the API is ready again');
    // The next start of each shop takes up the run that waits, whoever asks: here the schedule.
    for (const shopId of shops) await rig.temporal.schedule.getHandle(`orderSync/${shopId}`).trigger();
    for (const { id } of stored) expect(await rig.finished(id)).toMatchObject({ status: 'completed' });
    return {
      done: 'three starts asked for while Temporal was frozen, taken up by the schedules',
      verdict: await rig.verdict(),
    };
  },
);
