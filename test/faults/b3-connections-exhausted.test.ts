import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { type Answer, ask } from './support/requests.ts';

const blockedMs = { quick: 5_000, long: 60_000 };
const requests = 600;

for (const [length, milliseconds] of Object.entries(blockedMs)) {
  fault(
    {
      id: 'B3',
      title: `no free connection for ${milliseconds / 1_000} s: the API sheds with 503, the worker waits`,
      long: length === 'long',
    },
    async ({ rig: start, seed }) => {
      const rig = await start({ orders: 3_000, seed });
      await rig.settings({ latency: 200 });
      const runId = await rig.syncUntil(0.1);
      // Every statement that reads a shop waits behind this lock, and with it the connection that it came on.
      const blocker = await rig.sql.reserve();
      await blocker`begin`;
      await blocker`lock table shops in access exclusive mode`;
      const answers: Answer[] = [];
      const asked = Promise.all(
        Array.from({ length: requests }, async () => answers.push(await ask(rig, '/api/v1/shops'))),
      );
      await rig.until(async () => answers.length > 0, 'the API sheds');
      const shed = [...answers];
      expect((await ask(rig, '/health/live')).status).toBe(200);
      await sleep(milliseconds);
      await blocker`rollback`;
      blocker.release();
      await asked;
      for (const { status, headers } of shed) {
        expect({ status, after: headers['retry-after'] }).toEqual({ status: 503, after: expect.any(String) });
      }
      const statuses = new Set(answers.map(({ status }) => status));
      expect([...statuses].sort()).toEqual([200, 503]);
      await rig.apiIsBack();
      await rig.settings({ latency: 0 });
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
      return {
        done: `${requests} requests while every connection waited for ${milliseconds / 1_000} s, in a full sync`,
        verdict: await rig.verdict(),
      };
    },
  );
}
