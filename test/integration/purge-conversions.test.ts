import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvent, type StoredEvent } from '../../src/conversions/seal.ts';
import { purgeConversions } from '../../src/privacy/purge-conversions.ts';
import { rememberAppointment } from '../../src/webhooks/appointments.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
  await api.sql`insert into destinations (destination_id, kind, name, settings) values ('tiktok', 'tiktok', 'T', '{}')`;
  const events = ['old', 'waiting', 'new'].map((id) => ({
    event_id: id,
    event_name: 'PURCHASE',
    event_time: Math.floor(Date.now() / 1_000),
    user: { email: `${id}@example.com` },
    properties: { value: 5, currency: 'USD' },
  }));
  expect((await api.send('POST', '/api/v1/conversions', { events })).status).toBe(202);
  await api.sql`
    update conversion_events set accepted_at = now() - interval '31 days' where event_id in ('old', 'waiting')`;
  await api.sql`
    update deliveries set status = 'DELIVERED', next_attempt_at = null where event_id in ('old', 'new')`;
});

afterEach(async () => {
  await api.close();
});

it('takes what is personal out of old events, but not while a delivery waits for it', async () => {
  expect(await purgeConversions(api.sql, 30)).toBe(1);
  const rows = await api.sql<StoredEvent[]>`
    select event_name, event_id, extract(epoch from event_time)::bigint as event_time, medium, content, sealed
    from conversion_events order by event_id`;
  const key = await api.dependencies.conversionKey();
  expect(rows.map((row) => [row.event_id, openEvent(key, row).user.email])).toEqual([
    ['new', ['new@example.com']],
    ['old', undefined],
    ['waiting', ['waiting@example.com']],
  ]);
  expect(openEvent(key, rows[1] as StoredEvent).properties).toEqual({ value: 5, currency: 'USD' });
  const listed = (await (await api.get('/api/v1/conversions?event_id=old')).json()) as { data: object[] };
  expect(listed.data).toMatchObject([
    { parameters: ['email', 'value'], deliveries: [{ status: 'DELIVERED' }] },
  ]);
  expect(await purgeConversions(api.sql, 30)).toBe(0);
});

it('forgets webhooks that were worked off, and appointments that are past', async () => {
  const key = await api.dependencies.conversionKey();
  const webhook = (id: string, status: string) => ({
    source: 'stripe',
    source_id: id,
    topic: 't',
    body: Buffer.from('sealed'),
    status,
    next_attempt_at: status === 'received' ? new Date() : null,
    received_at: new Date(Date.now() - 31 * 86_400_000),
  });
  await api.sql`insert into webhook_events ${api.sql([webhook('done', 'processed'), webhook('due', 'received')])}`;
  for (const [id, startsAt] of [
    ['1', '2020-01-01T00:00:00.000Z'],
    ['2', '2099-01-01T00:00:00.000Z'],
  ] as const) {
    const appointment = {
      id,
      status: 'scheduled' as const,
      starts_at: startsAt,
      booked_at: null,
      first_name: null,
      last_name: null,
      email: 'kim@example.com',
      phone: null,
      type: null,
      type_id: null,
      attribution: { user: {}, page: {} },
    };
    expect(await rememberAppointment(api.sql, key, 'acuity', appointment, null)).toBe(true);
  }
  await api.sql`update appointments set updated_at = now() - interval '31 days'`;
  await purgeConversions(api.sql, 30);
  const kept = await api.sql`
    select source_id as id from webhook_events where body is not null
    union all select appointment_id from appointments where sealed is not null and email_fingerprint is not null`;
  expect(kept.map(({ id }) => id)).toEqual(['due', '2']);
  const replay = await api.send('POST', '/api/v1/webhook_events/whe_1/replay');
  expect(replay.status).toBe(404);
});
