import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';

/** Beyond the heartbeat timeout of five seconds, so that the other worker has its slices by then. */
const frozenMs = { quick: 9_000, long: 90_000 };

for (const [length, milliseconds] of Object.entries(frozenMs)) {
  fault(
    {
      id: 'A9',
      title: `a worker frozen for ${milliseconds / 1_000} s that wakes late writes nothing that is not its own any more`,
      long: length === 'long',
    },
    async ({ rig: start, seed }) => {
      const rig = await start({ orders: 8_000, seed });
      await rig.startWorker();
      await rig.settings({ latency: 300 });
      const runId = await rig.syncUntil(0.15);
      const frozen = rig.signal('worker', 'SIGSTOP');
      await sleep(milliseconds);
      // Changed after the frozen worker has read its pages: what it still holds is older.
      await rig.change('shop-1', 'touch', 200);
      process.kill(frozen, 'SIGCONT');
      await rig.settings({ latency: 0 });
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      await rig.syncChanges();
      return {
        done: `one of two workers frozen for ${milliseconds / 1_000} s in a full sync, 200 orders changed meanwhile`,
        verdict: await rig.verdict(),
      };
    },
  );
}
