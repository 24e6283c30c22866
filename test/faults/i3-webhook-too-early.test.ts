import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { acuityBooking, judgeWebhooks, post, settled, startWebhookRig } from './support/webhooks.ts';

fault(
  {
    id: 'I3',
    title: 'a webhook comes before its appointment can be read: it is asked for again, and never made up',
  },
  async (trial) => {
    let asked = 0;
    const rig = await startWebhookRig(trial, {
      appointment: (id) => {
        if (id !== '1') return {};
        asked += 1;
        return asked > 2 ? {} : null;
      },
    });
    expect(await post(rig, acuityBooking('1'))).toBe(200);
    await rig.until(async () => asked > 0, 'the appointment is asked for');
    const none = await rig.sql`select 1 from conversion_events union all select 1 from appointments`;
    expect(none).toHaveLength(0);
    // Another one waits for nobody.
    expect(await post(rig, acuityBooking('2'))).toBe(200);
    await rig.until(
      async () => (await rig.sql`select 1 from conversion_events`).length === 1,
      'the other is worked off',
    );
    await settled(rig);
    const webhooks = await rig.sql`select status, attempts from webhook_events order by webhook_key`;
    expect(webhooks).toEqual([
      { status: 'processed', attempts: 3 },
      { status: 'processed', attempts: 1 },
    ]);
    return {
      done: 'a webhook whose appointment could be read only the third time',
      verdict: await judgeWebhooks(rig, ['acuity-1', 'acuity-2']),
    };
  },
);
