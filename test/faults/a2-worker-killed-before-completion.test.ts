import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { lacksToxiproxy, startToxiproxy } from './support/toxiproxy.ts';
import { mostAttempts, workflowEvents } from './support/workflow-events.ts';

/** Completions reach Temporal this late: time enough to kill the worker in between. */
const completionDelayMs = 1_500;

fault(
  {
    id: 'A2',
    title: 'SIGKILL of the worker after a slice was committed, before Temporal hears of it: counted once',
    times: { quick: 1, full: 5 },
    lacks: lacksToxiproxy,
  },
  async ({ rig: start, times, seed, cleanUp }) => {
    const orders = 6_000;
    const rig = await start({ orders, seed, withoutWorker: true });
    const toxiproxy = await startToxiproxy();
    cleanUp(() => toxiproxy.stop());
    // A proxy for each worker: mending one whose connections have just been torn can take longer than the test.
    const startWorker = async () => {
      const proxy = await toxiproxy.before(rig.processEnvironment.TEMPORAL_ADDRESS ?? '');
      return { proxy, worker: await rig.startWorker({ environment: { TEMPORAL_ADDRESS: proxy.address } }) };
    };
    let present = await startWorker();
    await rig.settings({ latency: 200 });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) > 0, 'the sync has begun');
    for (let nth = 0; nth < times; nth += 1) {
      const before = await walked();
      await present.proxy.delay(completionDelayMs);
      await rig.until(async () => (await walked()) > before, 'a slice is walked');
      present.worker.kill('SIGKILL');
      present = await startWorker();
    }
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    expect(mostAttempts(await workflowEvents(rig, 'orderSync/shop-1'))).toBeGreaterThan(1);
    const [counted] = await rig.sql<{ history: number }[]>`
      select sum(fetched)::bigint as history from sync_slices where run_id = ${runId} and axis = 'create_time'`;
    expect(counted?.history).toBe(orders);
    return {
      done: `worker killed ${times} times between the commit of a slice and its completion`,
      verdict: await rig.verdict(),
    };

    async function walked(): Promise<number> {
      const [row] = await rig.sql<{ count: number }[]>`
        select count(*) from sync_slices where run_id = ${runId} and status = 'walked'`;
      return row?.count ?? 0;
    }
  },
);
