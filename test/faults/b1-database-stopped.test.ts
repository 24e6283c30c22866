import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'B1',
    title: 'an immediate stop of PostgreSQL in a full sync: it reconnects and goes on',
    times: { quick: 1, full: 5 },
  },
  async ({ rig: start, random, times, seed }) => {
    const rig = await start({ orders: 4_000 + times * 2_000, seed });
    await rig.settings({ latency: 250 });
    const runId = await rig.syncUntil(0.1);
    for (let nth = 0; nth < times; nth += 1) {
      await sleep(random.next() * 2_000);
      await rig.kill('postgres', 'SIGQUIT');
      await rig.apiIsBack();
    }
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    const history = await rig.journal();
    return {
      done: `PostgreSQL stopped at once ${times} times in a full sync`,
      verdict: await rig.verdict({ history }),
    };
  },
);
