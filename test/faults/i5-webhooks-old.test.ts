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

fault({ id: 'I5', title: 'old webhooks and those of another account have no effect' }, async (trial) => {
  const rig = await startWebhookRig(trial);
  const now = Math.floor(Date.now() / 1_000);
  const refused = [
    stripePurchase('1', { at: now - 600 }),
    stripePurchase('1', { at: now + 600 }),
    stripePurchase('1', { secret: 'whsec_of_another_account' }),
    acuityBooking('1', { apiKey: 'the_key_of_another_account' }),
  ];
  for (const webhook of refused) expect(await post(rig, webhook)).toBe(401);
  expect(await rig.sql`select 1 from webhook_events`).toHaveLength(0);
  // Acuity signs no time: an old webhook is as good as a new one, and only lets the appointment be looked at again.
  const booking = acuityBooking('1');
  for (let time = 0; time < 3; time += 1) {
    expect(await post(rig, booking)).toBe(200);
    await settled(rig);
  }
  return {
    done: `${refused.length} webhooks that were old or of another account, and one of Acuity three times`,
    verdict: await judgeWebhooks(rig, ['acuity-1']),
  };
});
