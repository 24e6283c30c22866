import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signStripe, startWebhookSources, type WebhookSources } from '../support/webhook-sources.ts';

let at: WebhookSources;

beforeEach(async () => {
  at = await startWebhookSources();
});

afterEach(() => at.close());

const purchase = (id: string) => ({
  id: `evt_${id}`,
  type: 'checkout.session.completed',
  created: Math.floor(Date.now() / 1_000) - 5,
  data: { object: { id: `cs_${id}`, payment_status: 'paid', amount_total: 500, currency: 'jpy' } },
});

describe('webhooks of Stripe', () => {
  it('become purchases, with yen as whole units', async () => {
    const response = await at.postStripe(purchase('1'));
    expect([response.status, await response.json()]).toEqual([200, { received: true }]);
    expect(at.api.world.webhooks).toEqual(['stripe']);
    expect(await at.work('stripe')).toBeNull();
    expect(await at.events()).toEqual([{ event_name: 'PURCHASE', event_id: 'cs_1', origin: 'stripe/evt_1' }]);
    const [stored] = await at.api.sql<{ content: string }[]>`select content from conversion_events`;
    expect(JSON.parse(stored?.content ?? '').properties).toMatchObject({ value: 500, currency: 'JPY' });
    expect(await at.webhooks()).toMatchObject([{ status: 'processed', receipts: 1, reason: null }]);
    expect(at.api.world.woken).toEqual(['tiktok']);
  });

  it('that come a thousand times, fifty at once, are one, and a counter', async () => {
    const event = purchase('1');
    const header = signStripe(JSON.stringify(event));
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => at.postStripe(event, header)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      if (round === 10) await at.work('stripe');
    }
    await at.work('stripe');
    expect(await at.webhooks()).toMatchObject([{ status: 'processed', receipts: 1_000 }]);
    expect(await at.events()).toHaveLength(1);
  });

  it('can be worked on again without a second event', async () => {
    await at.postStripe(purchase('1'));
    await at.work('stripe');
    const [{ id } = { id: '' }] = await at.webhooks();
    const replay = await at.api.send('POST', `/api/v1/webhook_events/${id}/replay`);
    expect([replay.status, await replay.json()]).toEqual([202, { id, status: 'received' }]);
    await at.work('stripe');
    expect(await at.webhooks()).toMatchObject([
      { status: 'processed', reason: 'The event was known already.' },
    ]);
    expect(await at.events()).toHaveLength(1);
    for (const unknown of ['whe_999', 'nonsense']) {
      expect((await at.api.send('POST', `/api/v1/webhook_events/${unknown}/replay`)).status).toBe(404);
    }
  });

  it('of other kinds are kept and said to be ignored; odd ones fail by themselves', async () => {
    await at.postStripe({ ...purchase('1'), type: 'charge.refunded' });
    await at.postStripe({ ...purchase('2'), data: { object: { id: 5 } } });
    await at.postStripe(purchase('3'));
    await at.work('stripe');
    expect((await at.webhooks()).map(({ status }) => status)).toEqual(['processed', 'failed', 'ignored']);
    expect((await at.events()).map((one) => one.event_id)).toEqual(['cs_3']);
  });

  it('keep a purchase whose attribution is odd, without the odd part', async () => {
    const event = purchase('1');
    Object.assign(event.data.object, { metadata: { ttclid: 'white space', ttp: 'good' } });
    await at.postStripe(event);
    await at.work('stripe');
    expect(await at.webhooks()).toMatchObject([{ status: 'processed', reason: 'user.ttclid was left out.' }]);
  });
});

describe('what is not signed', () => {
  const forged = { 'x-acuity-signature': 'AAAA', 'stripe-signature': `t=1,v1=${'0'.repeat(64)}` };

  it.each([
    ['/webhooks/acuity', 'action=scheduled&id=1'],
    ['/webhooks/stripe', JSON.stringify(purchase('1'))],
    ['/webhooks/stripe', 'not even JSON'],
    ['/webhooks/acuity', ''],
  ])('is 401 and leaves nothing but a count: %s %#', async (path, body) => {
    expect((await at.post(path, body, {})).status).toBe(401);
    expect((await at.post(path, body, forged)).status).toBe(401);
    expect(await at.webhooks()).toEqual([]);
    const source = path.endsWith('stripe') ? 'stripe' : 'acuity';
    expect(at.api.dependencies.inbox.refused.get(source)).toBe(2);
  });

  it('includes what is old, and what was encoded anew', async () => {
    const event = purchase('1');
    const body = JSON.stringify(event);
    expect((await at.postStripe(event, signStripe(body, Math.floor(Date.now() / 1_000) - 301))).status).toBe(
      401,
    );
    expect(
      (
        await at.post('/webhooks/stripe', JSON.stringify(event, null, 2), {
          'stripe-signature': signStripe(body),
        })
      ).status,
    ).toBe(401);
    expect(await at.webhooks()).toEqual([]);
  });

  it('is told apart from what is signed and makes no sense', async () => {
    const response = await at.post('/webhooks/stripe', '{"id":5}', {
      'stripe-signature': signStripe('{"id":5}'),
    });
    expect(response.status).toBe(400);
    expect(await at.webhooks()).toEqual([]);
  });

  it('is cut beyond a megabyte', async () => {
    const body = 'x'.repeat(2 << 20);
    expect((await at.post('/webhooks/stripe', body, { 'stripe-signature': signStripe(body) })).status).toBe(
      413,
    );
  });
});
