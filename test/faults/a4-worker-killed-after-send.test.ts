import { expect } from 'vitest';
import {
  accept,
  countedByTikTok,
  eventRoutes,
  judgeConversions,
  settled,
  startConversionRig,
} from './support/conversions.ts';
import { fault } from './support/fault.ts';

const events = 300;

fault(
  {
    id: 'A4',
    title:
      'SIGKILL of the worker between a request with events and its record: sent again under the same ids',
    times: { quick: 1, full: 10 },
  },
  async (trial) => {
    const { times } = trial;
    const rig = await startConversionRig(trial);
    const ids: string[] = [];
    for (let nth = 1; nth <= times; nth += 1) {
      // Each platform counts the events of one request and never answers it.
      await rig.disturb(...eventRoutes.map((route) => ({ kind: 'hang_after', route })));
      ids.push(...(await accept(rig, `killed${nth}`, events)));
      await rig.until(
        async () => (await rig.faultHits()).every((hits) => hits === 1),
        'every platform has the events and has not answered',
      );
      await rig.kill('worker');
      await settled(rig);
    }
    const again = [...(await countedByTikTok(rig)).values()].filter(({ received }) => received > 1);
    expect(again.length).toBeGreaterThan(0);
    const [kept] = await rig.sql<{ attempts: number }[]>`
      select count(*) as attempts from delivery_attempts where outcome = 'unknown'`;
    expect(kept?.attempts).toBeGreaterThanOrEqual(again.length);
    return {
      done: `worker killed ${times} times between a request of each platform and its record`,
      verdict: await judgeConversions(rig, ids),
      note: `${again.length} events were sent to TikTok again and counted once`,
    };
  },
);
