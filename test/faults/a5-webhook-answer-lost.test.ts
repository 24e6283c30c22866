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
    id: 'A5',
    title: 'SIGKILL of the API after a webhook was stored, before its answer: the repeat does nothing',
  },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const webhook = stripePurchase('1');
    let lost: Promise<number | null> | null = null;
    // A row of the same id lets the statement wait in its very middle, with nothing left to ask the API for.
    const row = `insert into webhook_events (source, source_id, topic, next_attempt_at) values ('stripe', 'evt_1', 'held', now())`;
    await whileHeld(rig, row, async () => {
      lost = post(rig, webhook);
      await rig.until(async () => (await waitingConnections(rig)).length > 0, 'the webhook waits');
      // Frozen, the API learns nothing of the commit that follows when the row is taken back.
      rig.signal('api', 'SIGSTOP');
    });
    await rig.until(
      async () => (await rig.sql`select 1 from webhook_events`).length === 1,
      'the webhook is stored',
    );
    await rig.kill('api');
    expect(await lost).toBeNull();
    await rig.apiIsBack();
    expect(await post(rig, webhook)).toBe(200);
    await settled(rig);
    expect(await rig.sql`select receipts from webhook_events`).toEqual([{ receipts: 2 }]);
    return {
      done: 'API killed between storing a webhook and answering it, webhook sent again',
      verdict: await judgeWebhooks(rig, ['cs_1']),
    };
  },
);
