import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { refreshes } from './support/grants.ts';

fault(
  {
    id: 'G1',
    title:
      'the access token dies between two pages: one refresh for all lanes, and the pages are asked for again',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 4_000, seed });
    await rig.settings({ latency: 150 });
    const before = await refreshes(rig);
    const runId = await rig.syncUntil(0.2);
    await rig.control('POST', '/grants/0/expire-access');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await refreshes(rig)).toBe(before + 1);
    return { done: 'the access token died in a full sync', verdict: await rig.verdict() };
  },
);
