import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const failingShare = 0.3;
const mostCalls = 1.6;

fault(
  { id: 'E4', title: 'a third of all calls fails with HTTP 500: complete all the same, with few calls more' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 6_000, seed });
    await rig.control('POST', '/faults', {
      seed,
      faults: [{ kind: 'status', http_status: 500, route: 'order_search', probability: failingShare }],
    });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const calls = (await rig.journal()).filter(({ route }) => route === 'order_search');
    const well = calls.filter(({ fault: met }) => met === null);
    expect(calls.length - well.length).toBeGreaterThan(10);
    expect(calls.length / well.length).toBeLessThan(mostCalls);
    await rig.control('DELETE', '/faults');
    return {
      done: `${calls.length - well.length} of ${calls.length} calls of a full sync failed with HTTP 500`,
      verdict: await rig.verdict({ history: well }),
      note: `${(calls.length / well.length).toFixed(2)} calls for each that was needed`,
    };
  },
);
