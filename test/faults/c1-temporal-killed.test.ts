import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const schedules = [
  'analyticsBackfill/shop-1',
  'dataRetention',
  'deliveryWaker',
  'orderSync/shop-1',
  'productSync/shop-1',
  'reconciliation/shop-1',
  'tokenRefresh/shop-1',
  'webhookCatchUp',
];

fault(
  {
    id: 'C1',
    title: 'SIGKILL of the Temporal server in a full sync: the run goes on, schedules are not doubled',
    times: { quick: 1, full: 5 },
  },
  async ({ rig: start, random, times, seed }) => {
    const rig = await start({ orders: 4_000 + times * 2_000, seed });
    await rig.until(async () => isDeepStrictEqual(await scheduleIds(), schedules), 'every schedule is there');
    await rig.settings({ latency: 250 });
    const runId = await rig.syncUntil(0.1);
    for (let nth = 0; nth < times; nth += 1) {
      await sleep(random.next() * 2_000);
      await rig.kill('temporal');
      await rig.until(async () => (await rig.ready()) === true, 'the API is ready again');
    }
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    expect(await scheduleIds()).toEqual(schedules);
    const history = await rig.journal();
    return {
      done: `Temporal killed ${times} times in a full sync`,
      verdict: await rig.verdict({ history }),
    };

    async function scheduleIds(): Promise<string[]> {
      const ids: string[] = [];
      for await (const { scheduleId } of rig.temporal.schedule.list()) ids.push(scheduleId);
      return ids.sort();
    }
  },
);
