import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/http/request.ts';
import { createAcuityClient } from '../../src/sources/acuity/client.ts';
import { processWebhooks, type WebhookProcessing } from '../../src/webhooks/process-webhooks.ts';
import type { WebhookSource } from '../../src/webhooks/sources.ts';
import { acuityApiKey, startTestApi, stripeSecret, type TestApi } from '../support/api.ts';
import { type ScriptedServer, type Step, startScriptedServer } from '../support/scripted-server.ts';

let api: TestApi;
let acuity: ScriptedServer;
let http: HttpClient;
let processing: WebhookProcessing;

beforeEach(async () => {
  api = await startTestApi();
  acuity = await startScriptedServer();
  http = createHttpClient({
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
    maxResponseBytes: 1 << 20,
    connectionsPerOrigin: 10,
  });
  const { sql, conversionKey, intake } = api.dependencies;
  const client = createAcuityClient({ http, apiUrl: acuity.url, userId: '77', apiKey: acuityApiKey });
  processing = { sql, conversionKey, intake, acuity: client };
  await sql`insert into destinations (destination_id, kind, name, settings) values ('tiktok', 'tiktok', 'TikTok', '{}')`;
});

afterEach(async () => {
  await http.close();
  await acuity.close();
  await api.close();
});

const work = (source: WebhookSource): Promise<number | null> =>
  processWebhooks(processing, source, new AbortController().signal);

const post = (path: string, body: string, headers: Record<string, string>): Promise<Response> =>
  Promise.resolve(api.app.request(path, { method: 'POST', body, headers }));

function postAcuity(action: string, id = '54321'): Promise<Response> {
  const body = `action=${action}&id=${id}&calendarID=2&appointmentTypeID=3`;
  const signature = createHmac('sha256', acuityApiKey).update(body).digest('base64');
  return post('/webhooks/acuity', body, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-acuity-signature': signature,
  });
}

function signStripe(body: string, time = Math.floor(Date.now() / 1_000)): string {
  return `t=${time},v1=${createHmac('sha256', stripeSecret).update(`${time}.${body}`).digest('hex')}`;
}

function postStripe(event: object, header?: string): Promise<Response> {
  const body = JSON.stringify(event);
  return post('/webhooks/stripe', body, {
    'content-type': 'application/json',
    'stripe-signature': header ?? signStripe(body),
  });
}

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

const json =
  (body: unknown, status = 200): Step =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const purchase = (id: string) => ({
  id: `evt_${id}`,
  type: 'checkout.session.completed',
  created: Math.floor(Date.now() / 1_000) - 5,
  data: { object: { id: `cs_${id}`, payment_status: 'paid', amount_total: 500, currency: 'jpy' } },
});

interface Stored {
  event_name: string;
  event_id: string;
  origin: string;
}

const events = (): Promise<Stored[]> =>
  api.sql<Stored[]>`select event_name, event_id, origin from conversion_events order by event_key`.then(
    (rows) => [...rows],
  );

interface Webhook {
  id: string;
  status: string;
  reason: string | null;
  receipts: number;
  topic: string;
}

async function webhooks(): Promise<Webhook[]> {
  return ((await (await api.get('/api/v1/webhook_events')).json()) as { data: Webhook[] }).data;
}

describe('webhooks of Stripe', () => {
  it('become purchases, with yen as whole units', async () => {
    const response = await postStripe(purchase('1'));
    expect([response.status, await response.json()]).toEqual([200, { received: true }]);
    expect(api.world.webhooks).toEqual(['stripe']);
    expect(await work('stripe')).toBeNull();
    expect(await events()).toEqual([{ event_name: 'PURCHASE', event_id: 'cs_1', origin: 'stripe/evt_1' }]);
    const [stored] = await api.sql<{ content: string }[]>`select content from conversion_events`;
    expect(JSON.parse(stored?.content ?? '').properties).toMatchObject({ value: 500, currency: 'JPY' });
    expect(await webhooks()).toMatchObject([{ status: 'processed', receipts: 1, reason: null }]);
    expect(api.world.woken).toEqual(['tiktok']);
  });

  it('that come a thousand times, fifty at once, are one, and a counter', async () => {
    const event = purchase('1');
    const header = signStripe(JSON.stringify(event));
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => postStripe(event, header)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      if (round === 10) await work('stripe');
    }
    await work('stripe');
    expect(await webhooks()).toMatchObject([{ status: 'processed', receipts: 1_000 }]);
    expect(await events()).toHaveLength(1);
  });

  it('can be worked on again without a second event', async () => {
    await postStripe(purchase('1'));
    await work('stripe');
    const [{ id } = { id: '' }] = await webhooks();
    const replay = await api.send('POST', `/api/v1/webhook_events/${id}/replay`);
    expect([replay.status, await replay.json()]).toEqual([202, { id, status: 'received' }]);
    await work('stripe');
    expect(await webhooks()).toMatchObject([{ status: 'processed', reason: 'The event was known already.' }]);
    expect(await events()).toHaveLength(1);
    for (const unknown of ['whe_999', 'nonsense']) {
      expect((await api.send('POST', `/api/v1/webhook_events/${unknown}/replay`)).status).toBe(404);
    }
  });

  it('of other kinds are kept and said to be ignored; odd ones fail by themselves', async () => {
    await postStripe({ ...purchase('1'), type: 'charge.refunded' });
    await postStripe({ ...purchase('2'), data: { object: { id: 5 } } });
    await postStripe(purchase('3'));
    await work('stripe');
    expect((await webhooks()).map(({ status }) => status)).toEqual(['processed', 'failed', 'ignored']);
    expect((await events()).map((one) => one.event_id)).toEqual(['cs_3']);
  });

  it('keep a purchase whose attribution is odd, without the odd part', async () => {
    const event = purchase('1');
    Object.assign(event.data.object, { metadata: { ttclid: 'white space', ttp: 'good' } });
    await postStripe(event);
    await work('stripe');
    expect(await webhooks()).toMatchObject([{ status: 'processed', reason: 'user.ttclid was left out.' }]);
  });
});

describe('webhooks of Acuity', () => {
  it('become events with what Acuity says of the appointment', async () => {
    acuity.play(json(appointment));
    expect((await postAcuity('scheduled')).status).toBe(200);
    expect(acuity.received).toHaveLength(0);
    expect(await work('acuity')).toBeNull();
    expect(acuity.received).toMatchObject([
      {
        path: '/api/v1/appointments/54321',
        headers: { authorization: `Basic ${Buffer.from(`77:${acuityApiKey}`).toString('base64')}` },
      },
    ]);
    const [webhook] = await webhooks();
    expect(await events()).toEqual([
      { event_name: 'TRIAL_BOOKED', event_id: 'acuity-54321', origin: `acuity/${webhook?.id}` },
    ]);
  });

  it('are one event for each action and state, however often they come', async () => {
    acuity.play(json(appointment));
    for (const action of ['scheduled', 'changed', 'changed', 'scheduled']) {
      await postAcuity(action);
      await work('acuity');
    }
    expect((await events()).map((one) => one.event_name)).toEqual(['TRIAL_BOOKED', 'APPOINTMENT_UPDATED']);
    acuity.play(json({ ...appointment, datetime: '2026-11-26T10:00:00-0500' }));
    for (const action of ['changed', 'rescheduled', 'changed']) {
      await postAcuity(action);
      await work('acuity');
    }
    expect((await events()).map((one) => one.event_name).slice(2)).toEqual([
      'APPOINTMENT_UPDATED',
      'TRIAL_RESCHEDULED',
    ]);
    expect(await webhooks()).toHaveLength(3);
  });

  it('wait while Acuity is away, and keep no other waiting', async () => {
    acuity.play(json({}, 500), (response, received, request) => {
      const id = Number(received.path.split('/').at(-1));
      json({ ...appointment, id })(response, received, request);
    });
    await postAcuity('scheduled', '1');
    expect(await work('acuity')).toBeGreaterThan(0);
    expect(await webhooks()).toMatchObject([{ status: 'received', reason: 'Acuity answered 500.' }]);
    await postAcuity('scheduled', '2');
    await work('acuity');
    expect(await events()).toHaveLength(1);
    await api.sql`update webhook_events set next_attempt_at = now() where status = 'received'`;
    expect(await work('acuity')).toBeNull();
    expect((await webhooks()).map(({ status }) => status)).toEqual(['processed', 'processed']);
  });

  it.each([
    ['of one that is not as documented', json({ id: null }), 'failed'],
    ['with a key that Acuity refuses', json({}, 401), 'received'],
    ['when Acuity answers with HTML', ((response) => response.end('<html>')) satisfies Step, 'received'],
  ])('%s', async (_, step, status) => {
    acuity.play(step);
    await postAcuity('scheduled');
    await work('acuity');
    expect(await webhooks()).toMatchObject([{ status, reason: expect.any(String) }]);
    expect(await events()).toEqual([]);
  });

  it('of an appointment that is not there yet wait for it, of one that does not come they fail', async () => {
    acuity.play(json({}, 404), json(appointment), json({}, 404));
    await postAcuity('scheduled');
    expect(await work('acuity')).toBeGreaterThan(0);
    await api.sql`update webhook_events set next_attempt_at = now()`;
    expect(await work('acuity')).toBeNull();
    expect((await events()).map((one) => one.event_name)).toEqual(['TRIAL_BOOKED']);

    await postAcuity('scheduled', '2');
    let tries = 0;
    while ((await work('acuity')) !== null) {
      tries += 1;
      await api.sql`update webhook_events set next_attempt_at = now() where status = 'received'`;
    }
    expect(tries).toBe(3);
    const reason = 'Acuity has no such appointment.';
    expect((await webhooks())[0]).toMatchObject({ status: 'failed', reason });
    expect(await events()).toHaveLength(1);
  });

  it('of orders are ignored', async () => {
    await postAcuity('order.completed');
    await work('acuity');
    expect(await webhooks()).toMatchObject([{ status: 'ignored', topic: 'order.completed' }]);
  });

  it('of the same appointment at the same time: the state that was read first never stays', async () => {
    let answerFirst: (() => void) | null = null;
    const moved = { ...appointment, datetime: '2026-11-30T10:00:00-0500', canceled: true };
    acuity.play(
      (response) => {
        answerFirst = () => void response.end(JSON.stringify(appointment));
      },
      (response, received, request) => {
        json(moved)(response, received, request);
        // The older state arrives after the newer one is kept.
        const timer = setInterval(async () => {
          const kept = await api.sql`select 1 from appointments where status = 'canceled'`;
          if (kept.length === 0) return;
          clearInterval(timer);
          answerFirst?.();
        }, 10);
      },
      json(moved),
    );
    await postAcuity('scheduled');
    await postAcuity('canceled');
    await work('acuity');
    expect(acuity.received).toHaveLength(3);
    const [kept] = await api.sql<{ status: string; starts: Date }[]>`
      select status, starts_at as starts from appointments`;
    expect(kept).toEqual({ status: 'canceled', starts: new Date('2026-11-30T15:00:00Z') });
    expect((await events()).map((one) => one.event_name).sort()).toEqual(['TRIAL_BOOKED', 'TRIAL_CANCELED']);
  });
});

describe('the way from an appointment to its deliveries', () => {
  it('is found by e-mail address and external id, and shows neither', async () => {
    acuity.play(json(appointment));
    await postAcuity('scheduled');
    await work('acuity');
    const find = async (query: string) => {
      const text = await (await api.get(`/api/v1/appointments${query}`)).text();
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
    ])
      expect(
        await (await api.get(`/api/v1/appointments?email=${email}&with_total=true`)).json(),
      ).toMatchObject({
        total,
      });
    expect(await find('?email=jo@example.com&external_id=other')).toEqual([]);
    const kept = await api.sql<{ row: string }[]>`
      select row_to_json(a)::text as row from appointments a union all select row_to_json(w)::text from webhook_events w`;
    const hex = Buffer.from('Jo@example.com').toString('hex');
    expect(kept.map(({ row }) => row).join()).not.toMatch(new RegExp(`Jo@example|${hex}`));
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
    expect((await post(path, body, {})).status).toBe(401);
    expect((await post(path, body, forged)).status).toBe(401);
    expect(await webhooks()).toEqual([]);
    const source = path.endsWith('stripe') ? 'stripe' : 'acuity';
    expect(api.dependencies.inbox.refused.get(source)).toBe(2);
  });

  it('includes what is old, and what was encoded anew', async () => {
    const event = purchase('1');
    const body = JSON.stringify(event);
    expect((await postStripe(event, signStripe(body, Math.floor(Date.now() / 1_000) - 301))).status).toBe(
      401,
    );
    expect(
      (
        await post('/webhooks/stripe', JSON.stringify(event, null, 2), {
          'stripe-signature': signStripe(body),
        })
      ).status,
    ).toBe(401);
    expect(await webhooks()).toEqual([]);
  });

  it('is told apart from what is signed and makes no sense', async () => {
    const response = await post('/webhooks/stripe', '{"id":5}', {
      'stripe-signature': signStripe('{"id":5}'),
    });
    expect(response.status).toBe(400);
    expect(await webhooks()).toEqual([]);
  });

  it('is cut beyond a megabyte', async () => {
    const body = 'x'.repeat(2 << 20);
    expect((await post('/webhooks/stripe', body, { 'stripe-signature': signStripe(body) })).status).toBe(413);
  });
});
