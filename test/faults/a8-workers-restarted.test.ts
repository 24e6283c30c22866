import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { startCommand } from '../support/command.ts';
import { fault } from './support/fault.ts';

const orders = 6_000;
const latencyMs = 400;

fault(
  {
    id: 'A8',
    title: 'one of three workers restarted again and again: no workflow fails, the sync goes on',
    times: { quick: 4, full: 15 },
  },
  async (trial) => {
    const { random, times } = trial;
    const rig = await trial.rig({ orders: orders + times * 500, seed: trial.seed });
    await rig.settings({ latency: latencyMs });
    const startWorker = () => startCommand(['worker'], rig.processEnvironment);
    const further = [startWorker(), startWorker()];
    trial.cleanUp(async () => {
      for (const { child } of further) child.kill('SIGKILL');
      await Promise.all(further.map(({ result }) => result));
    });
    for (const worker of further)
      await rig.until(async () => worker.output().includes('worker is ready'), 'a worker is ready');

    const runId = await rig.syncUntil(0.05);
    for (let nth = 0; nth < times; nth += 1) {
      const turn = nth % 3;
      const worker = further[turn];
      if (worker === undefined) {
        await rig.kill('worker', 'SIGTERM');
      } else {
        worker.child.kill('SIGTERM');
        expect(await worker.result).toMatchObject({ code: 0 });
        further[turn] = startWorker();
      }
      await sleep(500 + random.next() * 1_500);
    }
    expect((await rig.run(runId)).status).toBe('running');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    const { status } = await rig.temporal.workflow.getHandle('orderSync/shop-1').describe();
    expect(['COMPLETED', 'RUNNING']).toContain(status.name);
    return {
      done: `one of three workers restarted ${times} times in a full sync`,
      verdict: await rig.verdict(),
    };
  },
);
