import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { accept, judgeConversions, offer, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import { lacksMounts, startOnSmallVolume } from './support/small-volume.ts';
import { post, stripePurchase, stripeSecret } from './support/webhooks.ts';

const fullMs = 10_000;
const underWay = 1_000;

fault(
  {
    id: 'J1',
    title:
      'the disk is full while events are under way and come in, from the API and by webhooks: what is acknowledged is stored, and everything is counted once',
    times: { quick: 1, full: 3 },
    // A volume of its own fills the memory of a small machine.
    long: true,
    lacks: lacksMounts,
  },
  async (trial) => {
    const fill = startOnSmallVolume(trial);
    const rig = await startConversionRig(trial, { STRIPE_WEBHOOK_SECRET: stripeSecret });
    const acknowledged: string[] = [];
    /** Sent while the disk was full: whatever became of them, the sender asks again. */
    const asked: (() => Promise<string[] | null>)[] = [];
    let refused = 0;
    for (let nth = 1; nth <= trial.times; nth += 1) {
      await rig.settings({ latency: 400 });
      acknowledged.push(...(await accept(rig, `before${nth}`, underWay)));
      await rig.until(async () => {
        const [sent] = await rig.sql`select 1 from delivery_requests where deliveries is not null limit 1`;
        return sent !== undefined;
      }, 'a request is under way');
      const makeSpace = fill();
      const end = performance.now() + fullMs;
      for (let batch = 1; performance.now() < end; batch += 1) {
        const name = `${nth}-${batch}`;
        const webhook = stripePurchase(name);
        const waysIn = [
          () => offer(rig, `full${name}`, 50),
          async () => ((await post(rig, webhook)) === 200 ? [`cs_${name}`] : null),
        ];
        for (const send of waysIn) {
          asked.push(send);
          const ids = await send();
          if (ids === null) refused += 1;
          else acknowledged.push(...ids);
        }
        await sleep(100);
      }
      makeSpace();
      await rig.apiIsBack();
      await rig.until(async () => rig.ready(), 'the installation is well again');
    }
    await rig.settings({ latency: 0 });
    for (const send of asked) {
      const ids = await send();
      expect(ids).not.toBeNull();
      acknowledged.push(...(ids ?? []));
    }
    await rig.until(async () => {
      const waiting = await rig.sql`select 1 from webhook_events where next_attempt_at is not null limit 1`;
      return waiting.length === 0;
    }, 'every webhook is worked off');
    await settled(rig);
    return {
      done: `disk full ${trial.times} times for ${fullMs / 1_000} s while ${underWay} events were under way and others came in`,
      verdict: await judgeConversions(rig, acknowledged),
      note: `${refused} of ${asked.length} requests were refused meanwhile`,
    };
  },
);
