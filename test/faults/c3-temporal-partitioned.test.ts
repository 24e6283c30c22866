import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { lacksToxiproxy, startToxiproxy } from './support/toxiproxy.ts';

/** Beyond the heartbeat timeout in both cases: the server gives up the activities that the worker still runs. */
const cutMs = { quick: 12_000, long: 300_000 };

for (const [length, milliseconds] of Object.entries(cutMs)) {
  fault(
    {
      id: 'C3',
      title: `worker and Temporal cut apart for ${milliseconds / 1_000} s: the run goes on, nothing is doubled`,
      long: length === 'long',
      lacks: lacksToxiproxy,
    },
    async ({ rig: start, seed, cleanUp }) => {
      const rig = await start({ orders: 6_000, seed, withoutWorker: true });
      const toxiproxy = await startToxiproxy();
      cleanUp(() => toxiproxy.stop());
      const proxy = await toxiproxy.before(rig.processEnvironment.TEMPORAL_ADDRESS ?? '');
      await rig.startWorker({ environment: { TEMPORAL_ADDRESS: proxy.address } });
      await rig.settings({ latency: 300 });
      const runId = await rig.syncUntil(0.1);
      await proxy.cut();
      await sleep(milliseconds);
      await proxy.mend();
      await rig.settings({ latency: 0 });
      expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
      return {
        done: `worker cut off from Temporal for ${milliseconds / 1_000} s in a full sync`,
        verdict: await rig.verdict(),
      };
    },
  );
}
