import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { offer } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';
import { lacksMounts, startOnSmallVolume } from './support/small-volume.ts';

const fullMs = 5_000;

fault(
  {
    id: 'J1',
    title:
      'the disk is full in a full sync: nothing is promised that is not stored, and it goes on once there is space',
    // A volume of its own fills the memory of a small machine.
    long: true,
    lacks: lacksMounts,
  },
  async ({ rig: start, seed, cleanUp }) => {
    const fill = startOnSmallVolume({ cleanUp });
    const rig = await start({ orders: 20_000, shops: 2, seed });
    await rig.settings({ latency: 200 });
    const runId = await rig.syncUntil(0.02);
    const makeSpace = fill();
    await sleep(fullMs);
    const promised = await postStart(rig, { shopId: 'shop-2' }).catch(() => null);
    const events = await offer(rig, 'full', 50);
    makeSpace();
    await rig.apiIsBack();
    if (promised?.status === 202) {
      expect(
        await rig.sql`select 1 from sync_runs where run_id = ${String(promised.body.run_id)}`,
      ).toHaveLength(1);
    } else {
      expect([null, 503], JSON.stringify(promised?.body)).toContain(promised?.status ?? null);
    }
    await rig.until(async () => rig.ready(), 'the installation is well again');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    const again = await offer(rig, 'full', 50);
    expect(again).toHaveLength(50);
    const [kept] = await rig.sql<{ events: number; earlier: number }[]>`
      select count(*) as events, count(*) filter (where event_id = any(${events ?? []})) as earlier
      from conversion_events`;
    expect(kept).toEqual({ events: 50, earlier: events?.length ?? 0 });
    const other = await postStart(rig, { shopId: 'shop-2' });
    expect(await rig.finished(String(other?.body.run_id))).toMatchObject({ status: 'completed' });
    return {
      done: `disk full for ${fullMs / 1_000} s in a full sync`,
      verdict: await rig.verdict(),
      note: `meanwhile a start: ${promised?.status ?? 'no answer'}, 50 events: ${events === null ? 'refused' : 'accepted'}`,
    };
  },
);
