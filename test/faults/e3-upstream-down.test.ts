import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

const downMs = { quick: 10_000, long: 15 * 60_000 };
/** One call of each of seven lanes, repeated by the documented backoff. */
const mostCallsAtFirst = 60;
const mostCallsAMinute = 60;

for (const [length, milliseconds] of Object.entries(downMs)) {
  fault(
    {
      id: 'E3',
      title: `nothing but errors from upstream for ${milliseconds / 1_000} s: few calls meanwhile, then it goes on`,
      long: length === 'long',
    },
    async ({ rig: start, seed }) => {
      const rig = await start({ orders: 5_000, seed });
      await rig.settings({ latency: 200 });
      const runId = await rig.syncUntil(0.1);
      await rig.disturb({ kind: 'status', http_status: 500, route: 'order_search', times: null });
      await sleep(milliseconds);
      expect((await rig.run(runId)).status).toBe('running');
      const [calls = 0] = await rig.faultHits();
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(mostCallsAtFirst + (mostCallsAMinute * milliseconds) / 60_000);
      await rig.control('DELETE', '/faults');
      await rig.settings({ latency: 0 });
      const wellAt = Date.now();
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      return {
        done: `every call answered with HTTP 500 for ${milliseconds / 1_000} s in a full sync`,
        verdict: await rig.verdict(),
        note: `${calls} calls meanwhile; done ${((Date.now() - wellAt) / 1_000).toFixed(1)} s after it was well`,
      };
    },
  );
}
