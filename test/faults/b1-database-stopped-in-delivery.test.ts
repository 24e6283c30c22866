import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { accept, judgeConversions, offer, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'B1',
    title:
      'an immediate stop of PostgreSQL while requests with events are under way: none is lost or counted twice',
    times: { quick: 1, full: 5 },
  },
  async (trial) => {
    const { times, random } = trial;
    const rig = await startConversionRig(trial);
    const acknowledged: string[] = [];
    let refused = 0;
    await rig.settings({ latency: 400 });
    for (let nth = 1; nth <= times; nth += 1) {
      acknowledged.push(...(await accept(rig, `waiting${nth}`, 1_000)));
      await rig.until(async () => {
        const [sent] = await rig.sql`select 1 from delivery_requests where deliveries is not null limit 1`;
        return sent !== undefined;
      }, 'a request is under way');
      await sleep(random.next() * 300);
      const killed = rig.kill('postgres', 'SIGQUIT');
      for (let batch = 1; batch <= 20; batch += 1) {
        const ids = await offer(rig, `meanwhile${nth}-${batch}`, 10);
        if (ids === null) refused += 1;
        else acknowledged.push(...ids);
      }
      await killed;
      await rig.apiIsBack();
    }
    await rig.settings({ latency: 0 });
    await settled(rig);
    expect(acknowledged.length).toBeGreaterThanOrEqual(times * 1_000);
    return {
      done: `PostgreSQL stopped at once ${times} times while deliveries were under way`,
      verdict: await judgeConversions(rig, acknowledged),
      note: `${refused} requests with events were refused meanwhile`,
    };
  },
);
