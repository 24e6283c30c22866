import { afterAll, beforeAll, expect, it } from 'vitest';
import { allPlatforms, purchase } from '../../bench/support/conversions.ts';
import { compareConversions, formatConversions } from '../../simulator/index.ts';
import type { AttemptRecord, DeliveryRecord } from '../../src/deliveries/read-deliveries.ts';
import { sha256Of } from '../../src/destinations/hashing.ts';
import { phones } from '../../src/destinations/testing/phones.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

// Whatever may be sent to a whole installation: what is refused names its place and stops nobody else, what is accepted
// is settled, and what is said to be delivered is what the simulated platforms have counted.

const megabyte = 'x'.repeat(1 << 20);
const destinations = ['google_ads', 'meta', 'tiktok'];

interface Answer {
  accepted: { event_id: string; deliveries: { destination: string; delivery_id: string }[] }[];
  duplicates: string[];
  rejected: { index: number; errors: { path: string; message: string }[] }[];
  differences?: { index: number; event_id: string; fields: string[] }[];
}

let rig: SyncRig;
let next = 0;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', '10'], allPlatforms);
  const response = await fetch(`${rig.apiUrl}/api/v1/destinations/google_ads`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ settings: { result_poll_seconds: 1 } }),
  });
  expect(response.status).toBe(200);
});

afterAll(() => rig.stop());

function post(body: string): Promise<Response> {
  return fetch(`${rig.apiUrl}/api/v1/conversions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
    body,
  });
}

async function send(events: readonly unknown[]): Promise<Answer> {
  const response = await post(JSON.stringify({ events }));
  expect(response.status).toBe(202);
  return (await response.json()) as Answer;
}

/** A purchase that nothing is wrong with, but for one field, named by its path. */
function eventWith(path: string, value: unknown): Record<string, unknown> {
  next += 1;
  const event = structuredClone(purchase(`event-${next}`)) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = event;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return event;
}

/** Waits until all is settled, and holds it against what the platforms have counted. */
async function expectTruth(): Promise<void> {
  await rig.until(async () => {
    const [waiting] = await rig.sql`
      select 1 from deliveries where status in ('PENDING', 'SENDING', 'RETRYING') limit 1`;
    return waiting === undefined;
  }, 'every delivery is settled');
  const { controlUrl } = rig.simulator.address;
  const compared = await compareConversions({ databaseUrl: rig.databaseUrl, controlUrl });
  expect(formatConversions(compared)).toEqual([]);
}

/** Sends events of which every second one is bad: those are refused for the field, and no other. */
async function expectRefused(bad: readonly [path: string, value: unknown][]): Promise<void> {
  const events = bad.flatMap(([path, value]) => [
    eventWith('event_name', 'PURCHASE'),
    eventWith(path, value),
  ]);
  const { accepted, rejected } = await send(events);
  expect(accepted).toHaveLength(bad.length);
  expect(rejected.map(({ index }) => index)).toEqual(bad.map((_, position) => 2 * position + 1));
  for (const [position, { errors }] of rejected.entries()) {
    const [path] = bad[position] ?? [''];
    expect(errors.map((error) => error.path).filter((found) => !found.startsWith(path))).toEqual([]);
    expect(errors[0]?.message.length).toBeLessThan(200);
  }
}

const users = [
  'email',
  'phone',
  'external_id',
  'first_name',
  'last_name',
  'city',
  'state',
  'zip_code',
  'country',
];
const tokens = ['ip', 'user_agent', 'locale', 'ttclid', 'ttp', 'fbc', 'fbp', 'gclid', 'gbraid', 'wbraid'];
const texts = [
  ...['event_id', 'event_name', 'event_time', 'source', 'test_event_code', 'page.url', 'page.referrer'],
  ...[...users, ...tokens].map((name) => `user.${name}`),
  ...['value', 'currency', 'order_id', 'content_type', 'query', 'search_string', 'description', 'status'].map(
    (name) => `properties.${name}`,
  ),
  ...['predicted_ltv', 'delivery_category', 'shop_id'].map((name) => `properties.${name}`),
];
const objects = ['user', 'page', 'properties'];
const lists = ['destinations', 'properties.contents'];
const others = ['limited_data_use', 'properties.num_items'];

it('fields of a wrong type are refused one by one, every one of them', async () => {
  await expectRefused([
    ...texts.map((path): [string, unknown] => [path, { a: 1 }]),
    ...texts.map((path): [string, unknown] => [path, true]),
    ...[...objects, ...lists, ...others].map((path): [string, unknown] => [path, 'text']),
    ...objects.map((path): [string, unknown] => [path, [1]]),
    ...lists.map((path): [string, unknown] => [path, [{ nested: [] }]]),
  ]);
  await expectTruth();
});

it('fields that are missing are refused only where an event is none without them', async () => {
  await expectRefused(['event_id', 'event_name', 'event_time'].map((path) => [path, undefined]));
  const optional = [...texts.slice(3), ...objects, ...lists, ...others];
  for (const absent of [undefined, null]) {
    const { accepted, rejected } = await send(optional.map((path) => eventWith(path, absent)));
    expect(rejected).toEqual([]);
    expect(accepted).toHaveLength(optional.length);
  }
  await expectTruth();
});

it('a megabyte is too much for every text, and ten are too much for a request', async () => {
  for (let start = 0; start < texts.length; start += 8)
    await expectRefused(texts.slice(start, start + 8).map((path) => [path, megabyte]));
  const tooMuch = await post(JSON.stringify({ events: Array(11).fill(eventWith('user.city', megabyte)) }));
  expect(tooMuch.status).toBe(413);
  await expectTruth();
});

it('times that cannot be, currencies that do not exist and impossible amounts are refused', async () => {
  const now = Math.floor(Date.now() / 1_000);
  await expectRefused([
    ...[now + 3_600, now * 1_000, 0, -now, 1e15, '2999-01-01T00:00:00Z', '1970-01-01T00:00:00Z'].map(
      (time): [string, unknown] => ['event_time', time],
    ),
    ...['ZZZ', 'XXX', 'US', 'DOLLAR', '$', 840].map((code): [string, unknown] => [
      'properties.currency',
      code,
    ]),
    ...[-0.01, -1e9, 'NaN', 'Infinity', '-1', '1e3', '1,50', 1e300].map((amount): [string, unknown] => [
      'properties.value',
      amount,
    ]),
    ['properties.contents', [{ content_id: 'sku-1', price: -1 }]],
    ['properties.contents', [{ content_id: 'sku-1', quantity: -1 }]],
  ]);
  // NaN is no JSON, and nothing of such a body is read.
  expect((await post('{"events": [{"event_id": "nan", "properties": {"value": NaN}}]}')).status).toBe(400);
  await expectTruth();
});

it('what is too old to count is accepted and skipped with the reason, never sent', async () => {
  const old = eventWith('event_time', Math.floor(Date.now() / 1_000) - 100 * 86_400);
  const { accepted } = await send([old]);
  await expectTruth();
  const rows = await rig.sql<{ status: string; reason: string }[]>`
    select status, reason from deliveries where event_id = ${accepted[0]?.event_id ?? ''} order by destination_id`;
  expect(rows.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
    expect.stringMatching(/^SKIPPED Too old: 100\.0 days, the platform counts 90$/),
    expect.stringMatching(/^SKIPPED Too old: 100\.0 days, the platform counts 7$/),
    expect.stringMatching(/^SKIPPED Too old: 100\.0 days, the platform counts 7$/),
  ]);
});

it('phone numbers of more than 40 countries arrive as the digest of their one form', async () => {
  const written = phones.map(([, , , e164]) => `00${e164.slice(1).replace(/(\d{3})/g, '$1 ')}`);
  const { accepted } = await send(written.map((phone) => eventWith('user', { phone })));
  await expectTruth();
  for (const [index, { deliveries }] of accepted.entries()) {
    const e164 = phones[index]?.[3] ?? '';
    const digests = { tiktok: sha256Of(e164), meta: sha256Of(e164.slice(1)), google_ads: sha256Of(e164) };
    for (const { destination, delivery_id: id } of deliveries) {
      const { status, attempts } = await rig.api.get<DeliveryRecord & { attempts: AttemptRecord[] }>(
        `/api/v1/deliveries/${id}`,
      );
      expect(`${e164} ${destination} ${status}`).toBe(`${e164} ${destination} DELIVERED`);
      expect(attempts[0]?.request_body).toContain(digests[destination as keyof typeof digests]);
    }
  }
}, 240_000);

it('what is no phone number matches nobody: it is left out, and alone it is a reason to skip', async () => {
  const nonsense = [
    'call me',
    '0',
    '+',
    '++1',
    '12',
    '9'.repeat(40),
    '+999 123',
    '☎️',
    '(((',
    "'; drop table events",
  ];
  const beside = await send(
    nonsense.map((phone, n) => eventWith('user', { phone, email: `n${n}@example.com` })),
  );
  const alone = await send(nonsense.map((phone) => eventWith('user', { phone })));
  expect([beside.rejected, alone.rejected]).toEqual([[], []]);
  await expectTruth();
  const outcome = async ({ accepted }: Answer) => {
    const rows = await rig.sql<{ outcome: string }[]>`
      select distinct destination_id || ' ' || status || ' ' || coalesce(reason, '') as outcome from deliveries
      where event_id = any(${accepted.map(({ event_id }) => event_id)}) order by 1`;
    return rows.map((row) => row.outcome);
  };
  expect(await outcome(beside)).toEqual(destinations.map((id) => `${id} DELIVERED `));
  expect(await outcome(alone)).toEqual([
    'google_ads SKIPPED Missing gclid/gbraid/wbraid and user identifiers (email/phone)',
    'meta SKIPPED Missing fbc/fbp and user identifiers (email/phone)',
    'tiktok SKIPPED Missing ttclid/ttp and user identifiers (email/phone)',
  ]);
});

it('1,001 events are too many, and none of them is taken', async () => {
  const events = Array.from({ length: 1_001 }, (_, index) => purchase(`many-${index}`));
  expect((await post(JSON.stringify({ events }))).status).toBe(413);
  expect(await rig.sql`select 1 from conversion_events where event_id like 'many-%'`).toHaveLength(0);
  await expectTruth();
});

it('an id that comes twice in a request, or again with another body, is one event: the first', async () => {
  const one = purchase('twice');
  const other = { ...one, properties: { value: 999, currency: 'EUR' } };
  const { accepted, duplicates } = await send([one, other, one]);
  expect(accepted.map(({ event_id }) => event_id)).toEqual(['twice']);
  expect(duplicates).toEqual(['twice', 'twice']);
  const again = await send([other]);
  expect(again).toMatchObject({ accepted: [], duplicates: ['twice'], rejected: [] });
  expect(again.differences).toMatchObject([{ event_id: 'twice' }]);
  expect(again.differences?.[0]?.fields).toEqual(
    expect.arrayContaining(['properties.value', 'properties.currency']),
  );
  expect(JSON.stringify(again)).not.toContain('999');
  await expectTruth();
  const [delivery] = accepted[0]?.deliveries ?? [];
  const { attempts } = await rig.api.get<{ attempts: AttemptRecord[] }>(
    `/api/v1/deliveries/${delivery?.delivery_id}`,
  );
  expect(attempts[0]?.request_body).toContain('42.5');
});

it('the address of a page is never more than a text', async () => {
  await expectRefused(
    ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//shop', '/x', 'http://', 'a b'].map(
      (url) => ['page.url', url],
    ),
  );
  const hostile = [
    'https://shop.example.com/?ttclid=<script>alert(1)</script>',
    "https://shop.example.com/?gclid=');drop table conversion_events;--",
    `https://shop.example.com/?fbclid=${'a'.repeat(5_000)}`,
    'https://shop.example.com/?ttclid=%00%0d%0aSet-Cookie:a=b&gclid=%F0%9F%98%80',
    'http://169.254.169.254/latest/meta-data/?wbraid=%E2%80%AE',
    'https://user:password@shop.example.com/%2e%2e/%2e%2e/?__proto__[a]=1&ttclid=',
    'https://xn--80ak6aa92e.com/?gbraid=a&gbraid=b&wbraid=c',
  ];
  const { accepted, rejected } = await send(
    hostile.map((url) => eventWith('page', { url, referrer: 'javascript:alert(1)' })),
  );
  expect(rejected).toEqual([]);
  expect(accepted).toHaveLength(hostile.length);
  await expectTruth();
  const ids = accepted.map(({ event_id }) => event_id);
  const [delivered] = await rig.sql`
    select count(*) as deliveries from deliveries where event_id = any(${ids}) and status = 'DELIVERED'`;
  expect(delivered).toEqual({ deliveries: hostile.length * destinations.length });
});
