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

fault(
  {
    id: 'C2',
    title: 'webhooks and events arrive while Temporal is away: acknowledged, and worked off afterwards',
  },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const frozen = rig.signal('temporal', 'SIGSTOP');
    const ids = Array.from({ length: 20 }, (_, index) => String(index + 1));
    for (const id of ids) {
      expect(await post(rig, stripePurchase(id))).toBe(200);
      expect(await post(rig, acuityBooking(id))).toBe(200);
    }
    const event = { event_id: 'own-1', event_name: 'PURCHASE', event_time: Math.floor(Date.now() / 1_000) };
    const accepted = await rig.api.post<{ accepted: object[] }>('/api/v1/conversions', event);
    expect(accepted.accepted).toHaveLength(1);
    expect(await rig.sql`select 1 from webhook_events where status <> 'received'`).toHaveLength(0);
    process.kill(frozen, 'SIGCONT');
    await settled(rig);
    return {
      done: `${ids.length} webhooks of each source while Temporal was frozen`,
      verdict: await judgeWebhooks(rig, ['own-1', ...ids.flatMap((id) => [`cs_${id}`, `acuity-${id}`])]),
    };
  },
);
