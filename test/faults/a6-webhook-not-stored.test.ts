import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import {
  judgeWebhooks,
  post,
  settled,
  startWebhookRig,
  stripePurchase,
  waitingConnections,
  whileHeld,
} from './support/webhooks.ts';

fault(
  {
    id: 'A6',
    title: 'SIGKILL of the API before a webhook is stored: nothing was promised, the repeat does it',
  },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const webhook = stripePurchase('1');
    await whileHeld(rig, 'lock table webhook_events in share mode', async () => {
      const lost = post(rig, webhook);
      await rig.until(async () => (await waitingConnections(rig)).length > 0, 'the webhook waits');
      const waiting = await waitingConnections(rig);
      await rig.kill('api');
      // A statement that waits for a lock does not notice that whoever asked is gone.
      await rig.sql`select pg_terminate_backend(pid) from unnest(${waiting}::integer[]) as waiting(pid)`;
      expect(await lost).toBeNull();
    });
    await rig.apiIsBack();
    expect(await rig.sql`select 1 from webhook_events`).toHaveLength(0);
    expect(await post(rig, webhook)).toBe(200);
    await settled(rig);
    return {
      done: 'API killed before it stored a webhook, webhook sent again',
      verdict: await judgeWebhooks(rig, ['cs_1']),
    };
  },
);
