import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import {
  acuityBooking,
  judgeWebhooks,
  post,
  settled,
  startWebhookRig,
  stripeEvent,
  stripePurchase,
} from './support/webhooks.ts';

const actions = ['scheduled', 'rescheduled', 'canceled'];
const subscription = { id: 'sub_1', status: 'active', currency: 'usd', items: { data: [] } };
const invoice = {
  ...{ id: 'in_1', amount_paid: 4900, currency: 'usd', billing_reason: 'subscription_create' },
  subscription: 'sub_1',
};
const checkout = {
  ...{ id: 'cs_1', payment_status: 'paid', amount_total: 4900, currency: 'usd', subscription: 'sub_1' },
  customer_details: { email: 'somebody@example.com' },
};

fault(
  {
    id: 'I2',
    title:
      'webhooks come newest first, oldest last: an appointment stays as it is now, a subscription is one purchase with what its checkout knows',
  },
  async (trial) => {
    const rig = await startWebhookRig(trial, {
      appointment: () => ({ datetime: '2026-12-01T10:00:00-0500', canceled: true }),
    });
    for (const action of actions.toReversed()) {
      expect(await post(rig, acuityBooking('1', { action }))).toBe(200);
      await settled(rig);
      const kept = await rig.sql`select status, starts_at from appointments`;
      expect(kept).toEqual([{ status: 'canceled', starts_at: new Date('2026-12-01T15:00:00Z') }]);
    }
    const events = await rig.sql<{ event_name: string; event_id: string }[]>`
      select event_name, event_id from conversion_events`;
    expect(events.map((event) => event.event_name).sort()).toEqual([
      ...['TRIAL_BOOKED', 'TRIAL_CANCELED', 'TRIAL_RESCHEDULED'],
    ]);

    // The checkout came first at Stripe, and says the most; a later purchase has nothing to do with it.
    const made: [string, object][] = [
      ['checkout.session.completed', checkout],
      ['invoice.paid', invoice],
      ['customer.subscription.created', subscription],
    ];
    for (const [type, object] of made.toReversed())
      expect(await post(rig, stripeEvent({ id: `evt_${type}`, type, data: { object } }))).toBe(200);
    expect(await post(rig, stripePurchase('2'))).toBe(200);
    await settled(rig);
    const purchase = await rig.api.get<{ parameters: string[] }>('/api/v1/conversions/sub_1');
    expect(purchase).toMatchObject({ event_name: 'PURCHASE', parameters: ['email', 'value'] });
    return {
      done: 'three webhooks of an appointment and three of a subscription, each newest first',
      verdict: await judgeWebhooks(rig, [...events.map((event) => event.event_id), 'sub_1', 'cs_2']),
    };
  },
);
