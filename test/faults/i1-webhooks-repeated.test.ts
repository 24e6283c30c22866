import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import {
  acuityBooking,
  judgeWebhooks,
  post,
  settled,
  startWebhookRig,
  stripePurchase,
} from './support/webhooks.ts';

const repeats = 1_000;
const atOnce = 50;

fault(
  { id: 'I1', title: 'the same webhook a thousand times, fifty at once: one event and a counter' },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    for (const webhook of [stripePurchase('1'), acuityBooking('1')]) {
      for (let sent = 0; sent < repeats; sent += atOnce) {
        const statuses = await Promise.all(Array.from({ length: atOnce }, () => post(rig, webhook)));
        expect(new Set(statuses)).toEqual(new Set([200]));
      }
    }
    await settled(rig);
    const rows = await rig.sql`select source, receipts, status from webhook_events order by source`;
    expect(rows).toEqual([
      { source: 'acuity', receipts: repeats, status: 'processed' },
      { source: 'stripe', receipts: repeats, status: 'processed' },
    ]);
    return {
      done: `a webhook of each source ${repeats} times, ${atOnce} at once`,
      verdict: await judgeWebhooks(rig, ['cs_1', 'acuity-1']),
    };
  },
);
