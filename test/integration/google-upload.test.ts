import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { allPlatforms, purchases } from '../../bench/support/conversions.ts';
import type { JournalEntry } from '../../simulator/control/journal.ts';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { ledgerOf } from '../../simulator/conversions/testing.ts';
import { compareConversions, formatConversions } from '../../simulator/index.ts';
import type { AttemptRecord, DeliveryRecord } from '../../src/deliveries/read-deliveries.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

// Events from the API through the workflow to the simulated Google Ads API and back, for accounts that Google still
// allows to upload click conversions: judged by what the simulator counted.

const google = Object.fromEntries(Object.entries(allPlatforms).filter(([name]) => name.startsWith('GOOGLE')));
const sixHoursMs = 6 * 3_600_000;

let rig: SyncRig;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', '10', '--journal-size', '10000'], {
    ...google,
    GOOGLE_UPLOAD_API: 'google_ads',
    GOOGLE_ADS_LOGIN_CUSTOMER_ID: credentials.google_ads.login_customer_id,
    GOOGLE_ADS_DEVELOPER_TOKEN: credentials.google_ads.developer_token,
  });
});

afterAll(() => rig.stop());

beforeEach(async () => {
  await rig.control('DELETE', '/faults');
  await rig.control('DELETE', '/conversions/refusals');
});

/** Has events accepted; their ids are `prefix-0`, `prefix-1`, … */
async function accept(prefix: string, count: number): Promise<void> {
  const { accepted } = await rig.api.post<{ accepted: object[] }>('/api/v1/conversions', {
    events: purchases(prefix, count).map((event) => ({ ...event, destinations: ['google_ads'] })),
  });
  expect(accepted).toHaveLength(count);
}

const disturb = (fault: object) =>
  rig.control('POST', '/faults', { faults: [{ route: 'google_upload', ...fault }] });

const refuse = (error: string, ...ids: string[]) =>
  rig.control('POST', '/conversions/refusals', { platform: 'google_ads', event_ids: ids, error });

interface Row {
  id: string;
  event_id: string;
  status: string;
  reason: string | null;
  attempts: number;
  dueInMs: number | null;
}

const rows = async (prefix: string): Promise<Row[]> => [
  ...(await rig.sql<Row[]>`
    select 'dlv_' || delivery_id as id, event_id, status, reason, attempts,
      extract(epoch from next_attempt_at - now())::float8 * 1000 as "dueInMs"
    from deliveries where starts_with(event_id, ${`${prefix}-`}) order by event_id collate "C"`),
];

async function statuses(prefix: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of await rows(prefix)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const until = (prefix: string, wanted: Record<string, number>): Promise<void> =>
  rig.until(
    async () => {
      const found = await statuses(prefix);
      return Object.entries(wanted).every(([status, count]) => found[status] === count);
    },
    `the deliveries of ${prefix} are ${JSON.stringify(wanted)}`,
  );

/** What Google received and counted of the events of a prefix, by their ids. */
async function counted(prefix: string): Promise<Map<string, { received: number; counted: number }>> {
  const entries = await ledgerOf(rig.simulator.address, '?platform=google_ads');
  return new Map(
    entries
      .filter(({ event_id }) => event_id.startsWith(`${prefix}-`))
      .map((entry) => [entry.event_id, { received: entry.received, counted: entry.counted }]),
  );
}

/** Holds what is said of all deliveries against what Google has counted. */
async function expectTruth(): Promise<void> {
  const { databaseUrl, simulator } = rig;
  const compared = await compareConversions({ databaseUrl, controlUrl: simulator.address.controlUrl });
  expect(formatConversions(compared)).toEqual([]);
}

async function uploads(): Promise<JournalEntry[]> {
  const { entries } = await rig.control<{ entries: JournalEntry[] }>('GET', '/journal?limit=10000');
  return entries.filter(({ route }) => route === 'google_upload');
}

const evidence = (id: string) =>
  rig.api.get<DeliveryRecord & { attempts: AttemptRecord[] }>(`/api/v1/deliveries/${id}`);

it('settles each row of a partial failure by its own error, and keeps its own evidence', async () => {
  await refuse('UNPARSEABLE_GCLID', 'mixed-3', 'mixed-40');
  await refuse('CLICK_NOT_FOUND', 'mixed-7');
  await accept('mixed', 60);
  await until('mixed', { DELIVERED: 57, FAILED: 3 });
  const failed = (await rows('mixed')).filter(({ status }) => status === 'FAILED');
  expect(failed.map(({ event_id, reason }) => [event_id, reason?.split(':')[0]])).toEqual([
    ['mixed-3', 'UNPARSEABLE_GCLID'],
    ['mixed-40', 'UNPARSEABLE_GCLID'],
    ['mixed-7', 'UNMATCHED'],
  ]);
  expect(await uploads()).toHaveLength(1);
  const ledger = await counted('mixed');
  expect(ledger.size).toBe(57);
  expect(failed.filter(({ event_id }) => ledger.has(event_id))).toEqual([]);

  const refused = await evidence(failed[0]?.id ?? '');
  const [attempt] = refused.attempts;
  const { customer_id: customer, conversion_actions: actions } = credentials.google_ads;
  expect(attempt).toMatchObject({
    outcome: 'rejected',
    request_path: expect.stringMatching(`^/v\\d+/customers/${customer}:uploadClickConversions$`),
    response_code: 200,
    platform_request_id: expect.any(String),
  });
  const sent = JSON.parse(attempt?.request_body ?? '');
  expect(sent).toMatchObject({
    partialFailure: true,
    conversions: [
      {
        conversionAction: `customers/${customer}/conversionActions/${actions[0]}`,
        orderId: 'mixed-3',
        gclid: 'Cj0KCQ-mixed-3',
        conversionValue: 42.5,
        currencyCode: 'USD',
        conversionDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$/),
      },
    ],
  });
  expect(sent.conversions).toHaveLength(1);
  expect(JSON.stringify(refused)).not.toMatch(/example\.com|12025550123|simulated-/);
  expect(attempt?.response_body).toContain('UNPARSEABLE_GCLID');

  await expectTruth();
});

it('waits six hours where the click is too fresh, and then delivers', async () => {
  await refuse('TOO_RECENT_EVENT', 'fresh-1', 'fresh-2');
  await accept('fresh', 10);
  await until('fresh', { DELIVERED: 8, RETRYING: 2 });
  const waiting = (await rows('fresh')).filter(({ status }) => status === 'RETRYING');
  for (const { dueInMs } of waiting) expect(dueInMs).toBeGreaterThan(sixHoursMs - 60_000);
  expect((await counted('fresh')).size).toBe(8);
  await rig.control('DELETE', '/conversions/refusals');
  await rig.sql`update deliveries set next_attempt_at = now() where status = 'RETRYING'`;
  await accept('later', 1);
  await until('fresh', { DELIVERED: 10 });
  await until('later', { DELIVERED: 1 });
  await expectTruth();
});

it('sends rows that failed on the side of Google again, and no other', async () => {
  await disturb({ kind: 'partial', count: 5 });
  await accept('internal', 40);
  await until('internal', { DELIVERED: 40 });
  const attempts = (await rows('internal')).map((row) => row.attempts).sort();
  expect(attempts).toEqual([...Array(35).fill(1), ...Array(5).fill(2)]);
  expect([...(await counted('internal')).values()].every(({ received }) => received === 1)).toBe(true);
  await expectTruth();
});

it('a whole request refused for no reason in a row is halved until it passes', async () => {
  await disturb({ kind: 'code', http_status: 400, error: 'REQUEST_ERROR', message: 'Bad request', times: 1 });
  const before = (await uploads()).length;
  await accept('whole', 30);
  await until('whole', { DELIVERED: 30 });
  expect((await uploads()).length - before).toBe(3);
  expect((await rows('whole')).every(({ attempts }) => attempts === 2)).toBe(true);
  await expectTruth();
});

it('throttled, it waits; an answer that was lost is asked for under the same order ids', async () => {
  await disturb({ kind: 'throttle', times: 1 });
  await accept('throttled', 20);
  await until('throttled', { RETRYING: 20 });
  expect((await counted('throttled')).size).toBe(0);
  await until('throttled', { DELIVERED: 20 });

  await disturb({ kind: 'lost_answer', times: 1 });
  await accept('lost', 20);
  await until('lost', { RETRYING: 20 });
  expect((await counted('lost')).size).toBe(20);
  await until('lost', { DELIVERED: 20 });
  const [one] = await rows('lost');
  const { attempts } = await evidence(one?.id ?? '');
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['unknown', 'delivered']);
  expect(attempts[0]?.request_body).toBe(attempts[1]?.request_body);
  expect(attempts[1]?.response_body).toContain('ORDER_ID_ALREADY_IN_USE');
  expect([...(await counted('lost')).values()].every((entry) => entry.counted === 1)).toBe(true);
  await expectTruth();
});

it('a worker killed between the upload and its record counts nothing twice', async () => {
  await disturb({ kind: 'hang_after', times: 1 });
  await accept('killed', 20);
  await rig.until(async () => (await counted('killed')).size === 20, 'Google has the request');
  process.kill(rig.pidOf('worker'), 'SIGKILL');
  await until('killed', { DELIVERED: 20 });
  expect((await rows('killed')).every(({ attempts }) => attempts === 2)).toBe(true);
  await expectTruth();
});

it('an access token that ends before its time is renewed, with no step of the schedule used up', async () => {
  await rig.control('POST', '/conversions/tokens/google_ads', { state: 'expired' });
  await rig.control('POST', '/conversions/tokens/google_ads', { state: 'valid' });
  await accept('renewed', 5);
  await until('renewed', { DELIVERED: 5 });
  const [one] = await rows('renewed');
  const { attempts } = await evidence(one?.id ?? '');
  expect(attempts.map(({ outcome, response_code }) => [outcome, response_code])).toEqual([
    ['resent', 401],
    ['delivered', 200],
  ]);
  const [retries] = await rig.sql`
    select max(retries) as most from deliveries where starts_with(event_id, 'renewed-')`;
  expect(retries).toEqual({ most: 0 });
  await expectTruth();
});

it('an account that may not upload any more is paused with what to do, and everything waits for it', async () => {
  await rig.control('POST', '/conversions/settings', { upload_allowed: false });
  await accept('barred', 20);
  const destination = () =>
    rig.api.get<{ status: string; pause_reason: string }>('/api/v1/destinations/google_ads');
  await rig.until(async () => (await destination()).status === 'paused', 'the destination is paused');
  const { pause_reason: reason } = await destination();
  expect(reason).toContain('CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE');
  expect(reason).toContain('GOOGLE_UPLOAD_API=data_manager');
  await until('barred', { PENDING: 20 });
  await accept('behind', 10);
  const sent = (await uploads()).length;
  const [one] = await rows('behind');
  expect(await evidence(one?.id ?? '')).toMatchObject({ status: 'PENDING', paused: true, attempts: [] });

  await rig.control('POST', '/conversions/settings', { upload_allowed: true });
  expect((await uploads()).length).toBe(sent);
  await rig.api.post('/api/v1/destinations/google_ads/resume', {});
  await until('barred', { DELIVERED: 20 });
  await until('behind', { DELIVERED: 10 });
  await expectTruth();
});
