import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acuityApiKey } from '../support/api.ts';
import type { Step } from '../support/scripted-server.ts';
import { json, startWebhookSources, type WebhookSources } from '../support/webhook-sources.ts';

let at: WebhookSources;

beforeEach(async () => {
  at = await startWebhookSources();
});

afterEach(() => at.close());

const appointment = {
  id: 54_321,
  firstName: 'Jo',
  lastName: 'Doe',
  email: 'Jo@example.com',
  datetime: '2026-11-25T10:00:00-0500',
  datetimeCreated: '2026-11-20T09:00:00-0500',
  appointmentTypeID: 3,
  type: 'Trial lesson',
  canceled: false,
  forms: [
    {
      values: [
        { name: 'ttclid', value: 'E.1' },
        { name: 'external_id', value: 'u-7' },
      ],
    },
  ],
};

describe('webhooks of Acuity', () => {
  it('become events with what Acuity says of the appointment', async () => {
    at.acuity.play(json(appointment));
    expect((await at.postAcuity('scheduled')).status).toBe(200);
    expect(at.acuity.received).toHaveLength(0);
    expect(await at.work('acuity')).toBeNull();
    expect(at.acuity.received).toMatchObject([
      {
        path: '/api/v1/appointments/54321',
        headers: { authorization: `Basic ${Buffer.from(`77:${acuityApiKey}`).toString('base64')}` },
      },
    ]);
    const [webhook] = await at.webhooks();
    expect(await at.events()).toEqual([
      { event_name: 'TRIAL_BOOKED', event_id: 'acuity-54321', origin: `acuity/${webhook?.id}` },
    ]);
  });

  it('are one event for each action and state, however often they come', async () => {
    at.acuity.play(json(appointment));
    for (const action of ['scheduled', 'changed', 'changed', 'scheduled']) {
      await at.postAcuity(action);
      await at.work('acuity');
    }
    expect((await at.events()).map((one) => one.event_name)).toEqual(['TRIAL_BOOKED', 'APPOINTMENT_UPDATED']);
    at.acuity.play(json({ ...appointment, datetime: '2026-11-26T10:00:00-0500' }));
    for (const action of ['changed', 'rescheduled', 'changed']) {
      await at.postAcuity(action);
      await at.work('acuity');
    }
    expect((await at.events()).map((one) => one.event_name).slice(2)).toEqual([
      'APPOINTMENT_UPDATED',
      'TRIAL_RESCHEDULED',
    ]);
    expect(await at.webhooks()).toHaveLength(3);
  });

  it('wait while Acuity is away, and keep no other waiting', async () => {
    at.acuity.play(json({}, 500), (response, received, request) => {
      const id = Number(received.path.split('/').at(-1));
      json({ ...appointment, id })(response, received, request);
    });
    await at.postAcuity('scheduled', '1');
    expect(await at.work('acuity')).toBeGreaterThan(0);
    expect(await at.webhooks()).toMatchObject([{ status: 'received', reason: 'Acuity answered 500.' }]);
    await at.postAcuity('scheduled', '2');
    await at.work('acuity');
    expect(await at.events()).toHaveLength(1);
    await at.api.sql`update webhook_events set next_attempt_at = now() where status = 'received'`;
    expect(await at.work('acuity')).toBeNull();
    expect((await at.webhooks()).map(({ status }) => status)).toEqual(['processed', 'processed']);
  });

  it.each([
    ['of one that is not as documented', json({ id: null }), 'failed'],
    ['with a key that Acuity refuses', json({}, 401), 'received'],
    ['when Acuity answers with HTML', ((response) => response.end('<html>')) satisfies Step, 'received'],
  ])('%s', async (_, step, status) => {
    at.acuity.play(step);
    await at.postAcuity('scheduled');
    await at.work('acuity');
    expect(await at.webhooks()).toMatchObject([{ status, reason: expect.any(String) }]);
    expect(await at.events()).toEqual([]);
  });

  it('of an appointment that is not there yet wait for it, of one that does not come they fail', async () => {
    at.acuity.play(json({}, 404), json(appointment), json({}, 404));
    await at.postAcuity('scheduled');
    expect(await at.work('acuity')).toBeGreaterThan(0);
    await at.api.sql`update webhook_events set next_attempt_at = now()`;
    expect(await at.work('acuity')).toBeNull();
    expect((await at.events()).map((one) => one.event_name)).toEqual(['TRIAL_BOOKED']);

    await at.postAcuity('scheduled', '2');
    let tries = 0;
    while ((await at.work('acuity')) !== null) {
      tries += 1;
      await at.api.sql`update webhook_events set next_attempt_at = now() where status = 'received'`;
    }
    expect(tries).toBe(3);
    const reason = 'Acuity has no such appointment.';
    expect((await at.webhooks())[0]).toMatchObject({ status: 'failed', reason });
    expect(await at.events()).toHaveLength(1);
  });

  it('of orders are ignored', async () => {
    await at.postAcuity('order.completed');
    await at.work('acuity');
    expect(await at.webhooks()).toMatchObject([{ status: 'ignored', topic: 'order.completed' }]);
  });

  it('of the same appointment at the same time: the state that was read first never stays', async () => {
    let answerFirst: (() => void) | null = null;
    const moved = { ...appointment, datetime: '2026-11-30T10:00:00-0500', canceled: true };
    at.acuity.play(
      (response) => {
        answerFirst = () => void response.end(JSON.stringify(appointment));
      },
      (response, received, request) => {
        json(moved)(response, received, request);
        // The older state arrives after the newer one is kept.
        const timer = setInterval(async () => {
          const kept = await at.api.sql`select 1 from appointments where status = 'canceled'`;
          if (kept.length === 0) return;
          clearInterval(timer);
          answerFirst?.();
        }, 10);
      },
      json(moved),
    );
    await at.postAcuity('scheduled');
    await at.postAcuity('canceled');
    await at.work('acuity');
    expect(at.acuity.received).toHaveLength(3);
    const [kept] = await at.api.sql<{ status: string; starts: Date }[]>`
      select status, starts_at as starts from appointments`;
    expect(kept).toEqual({ status: 'canceled', starts: new Date('2026-11-30T15:00:00Z') });
    expect((await at.events()).map((one) => one.event_name).sort()).toEqual([
      'TRIAL_BOOKED',
      'TRIAL_CANCELED',
    ]);
  });
});

describe('the way from an appointment to its deliveries', () => {
  it('is found by e-mail address and external id, and shows neither', async () => {
    at.acuity.play(json(appointment));
    await at.postAcuity('scheduled');
    await at.work('acuity');
    const find = async (query: string) => {
      const text = await (await at.api.get(`/api/v1/appointments${query}`)).text();
      expect(text).not.toMatch(/jo@example\.com|u-7|E\.1/i);
      return (JSON.parse(text) as { data: object[] }).data;
    };
    const found = [
      {
        source: 'acuity',
        appointment_id: '54321',
        status: 'scheduled',
        type: 'Trial lesson',
        attribution: ['ttclid', 'external_id'],
        events: [{ event_name: 'TRIAL_BOOKED', deliveries: [{ destination: 'tiktok', status: 'PENDING' }] }],
      },
    ];
    expect(await find('?email=%20JO%40example.com')).toMatchObject(found);
    expect(await find('?external_id=u-7')).toMatchObject(found);
    expect(await find('')).toMatchObject(found);
    expect(await find('?email=other@example.com')).toEqual([]);
    for (const [email, total] of [
      ['jo@example.com', 1],
      ['other@example.com', 0],
    ]) {
      const counted = await at.api.get(`/api/v1/appointments?email=${email}&with_total=true`);
      expect(await counted.json()).toMatchObject({ total });
    }
    expect(await find('?email=jo@example.com&external_id=other')).toEqual([]);
    const kept = await at.api.sql<{ row: string }[]>`
      select row_to_json(a)::text as row from appointments a union all select row_to_json(w)::text from webhook_events w`;
    const hex = Buffer.from('Jo@example.com').toString('hex');
    expect(kept.map(({ row }) => row).join()).not.toMatch(new RegExp(`Jo@example|${hex}`));
  });
});
