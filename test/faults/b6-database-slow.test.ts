import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { lacksToxiproxy, startToxiproxy } from './support/toxiproxy.ts';
import { workflowEvents } from './support/workflow-events.ts';

const latencyMs = 1_000;

fault(
  {
    id: 'B6',
    title: 'every answer of the database takes a second: heartbeats go on, no activity times out',
    long: true,
    lacks: lacksToxiproxy,
  },
  async ({ rig: start, seed, cleanUp }) => {
    const rig = await start({ orders: 300, seed, withoutWorker: true });
    const toxiproxy = await startToxiproxy();
    cleanUp(() => toxiproxy.stop());
    const direct = new URL(rig.databaseUrl);
    const proxy = await toxiproxy.before(direct.host);
    const slow = new URL(rig.databaseUrl);
    slow.host = proxy.address;
    await proxy.delay(latencyMs);
    await rig.startWorker({ environment: { DATABASE_URL: slow.href } });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const events = await workflowEvents(rig, 'orderSync/shop-1');
    const timeouts = events.filter((event) => event.activityTaskTimedOutEventAttributes != null);
    const retried = events.filter((event) => (event.activityTaskStartedEventAttributes?.attempt ?? 1) > 1);
    expect([timeouts.length, retried.length]).toEqual([0, 0]);
    return {
      done: `full sync of 300 orders with ${latencyMs} ms before every answer of the database`,
      verdict: await rig.verdict(),
    };
  },
);
