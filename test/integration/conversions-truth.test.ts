import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { callControl } from '../../simulator/conversions/testing.ts';
import {
  compareConversions,
  formatConversions,
  type RunningSimulator,
  startSimulator,
} from '../../simulator/index.ts';
import { deleteDestination } from '../../src/conversions/change-destinations.ts';
import { type DeliveryRig, startDeliveryRig } from '../support/delivery-rig.ts';

let simulator: RunningSimulator;
let rig: DeliveryRig;

const { tiktok, meta, google_ads: google } = credentials;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 0, seed: 11 });
});

beforeEach(async () => {
  await callControl(simulator, 'DELETE', 'faults');
  await callControl(simulator, 'DELETE', 'conversions/refusals');
  await callControl(simulator, 'DELETE', 'conversions/ledger');
  await rig?.close();
  rig = await startDeliveryRig(simulator.url);
});

afterAll(async () => {
  await rig.close();
  await simulator.stop();
});

const purchases = {
  event_name: 'PURCHASE',
  user: { email: 'somebody@example.com', gclid: 'Cj0KCQ', ip: '198.51.100.7', user_agent: 'Mozilla/5.0' },
  page: { url: 'https://shop.example.com/thanks' },
  properties: { value: 10, currency: 'USD' },
};

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);

async function addDestination(kind: string): Promise<void> {
  const { access_token } = tiktok;
  if (kind === 'tiktok') await rig.addDestination(kind, { pixel_id: tiktok.pixel_ids[0] }, { access_token });
  if (kind === 'meta') {
    const secrets = { access_token: meta.access_token };
    await rig.addDestination(kind, { pixel_id: meta.pixel_ids[0] }, secrets);
  }
  if (kind === 'google_ads') {
    const { client_id, client_secret, refresh_token } = google;
    const settings = {
      customer_id: google.customer_id,
      conversion_action: google.conversion_actions[0],
      result_poll_seconds: 1,
    };
    await rig.addDestination(kind, settings, { client_id, client_secret, refresh_token });
  }
}

/** Delivers, with all waits over at once, until nothing is left to do. */
async function deliverAll(kind: string): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    await rig.hurry();
    const { nextDueAt } = await rig.deliver(kind);
    if (nextDueAt === null) return;
  }
  throw new Error(`Never settled: ${JSON.stringify(await rig.statuses(kind))}`);
}

/** What does not fit between the deliveries and what the platforms have counted, in words. */
async function lies(): Promise<string[]> {
  const { databaseUrl } = rig;
  return formatConversions(await compareConversions({ databaseUrl, controlUrl: simulator.controlUrl }));
}

it.each(['tiktok', 'meta', 'google_ads'])('%s: what is delivered was counted, once', async (kind) => {
  await addDestination(kind);
  await rig.accept(ids(300), purchases);
  await deliverAll(kind);
  expect(await rig.statuses(kind)).toEqual({ DELIVERED: 300 });
  expect(await lies()).toEqual([]);
});

const faults = [
  ...['hang', 'hang_after', 'html', 'html_after', 'reset', 'lost_answer', 'reset_mid_body', 'truncated'],
  ...['truncated_json', 'malformed_json', 'bom', 'bad_gzip', 'status', 'throttle', 'partial'],
];

it.each([
  ['tiktok', 'tiktok_events'],
  ['meta', 'meta_events'],
  ['google_ads', 'google_ingest'],
])('%s: nothing is lost, doubled or claimed, whatever goes wrong', async (kind, route) => {
  await addDestination(kind);
  for (const fault of faults) {
    await callControl(simulator, 'POST', 'faults', { kind: fault, route, times: 1 });
    await rig.accept(
      ids(20).map((id) => `${fault}-${id}`),
      purchases,
    );
    await rig.deliver(kind);
  }
  await deliverAll(kind);
  const statuses = await rig.statuses(kind);
  expect(Object.keys(statuses).sort()).toEqual(expect.arrayContaining(['DELIVERED']));
  expect(statuses.PENDING ?? statuses.RETRYING ?? statuses.SENDING).toBeUndefined();
  expect(statuses.DELIVERED).toBeGreaterThan(faults.length * 19 - 1);
  expect(await lies()).toEqual([]);
});

it.each([
  ['tiktok', 'OUTCOME_UNKNOWN'],
  ['google_ads', 'INVALID_GCLID'],
])('%s: an answer that names no event: halves tell which failed', async (platform, failure) => {
  await addDestination(platform);
  await callControl(simulator, 'POST', 'conversions/refusals', { platform, way: 'blind', share: 0.03 });
  await rig.accept(ids(120), purchases);
  await deliverAll(platform);
  const outcomes = (await rig.rows(platform)).map(({ status, reason }) => `${status} ${reason}`);
  expect([...new Set(outcomes)].sort()).toEqual(['DELIVERED null', `FAILED ${failure}`]);
  expect(outcomes.filter((outcome) => outcome.startsWith('FAILED')).length).toBeLessThan(20);
  expect(await lies()).toEqual([]);
});

it('the checker finds what is claimed, lost and left over', async () => {
  await addDestination('tiktok');
  await rig.accept(ids(4), purchases);
  await deliverAll('tiktok');
  expect(await lies()).toEqual([]);
  const set = (id: string, status: string) => rig.sql`
    update deliveries set status = ${status}, next_attempt_at = ${status === 'PENDING' ? new Date() : null}
    where event_id = ${id}`;
  const name = (id: string) => `tiktok ${tiktok.pixel_ids[0]} CompletePayment ${id}`;
  await set('e1', 'FAILED');
  await set('e2', 'PENDING');
  expect(await lies()).toEqual([
    `2 counted, but not said to be delivered: ${name('e1')}, ${name('e2')}`,
    `1 not settled: ${name('e2')}`,
  ]);
  await callControl(simulator, 'DELETE', 'conversions/ledger');
  expect(await lies()).toEqual([
    `2 said to be delivered, but not counted: ${name('e0')}, ${name('e3')}`,
    `1 not settled: ${name('e2')}`,
  ]);
});

it('a destination deleted while events wait: what was sent without an answer is said to be unknown, the rest skipped', async () => {
  await addDestination('tiktok');
  await callControl(simulator, 'POST', 'faults', { kind: 'hang_after', route: 'tiktok_events', times: 1 });
  await rig.accept(ids(20), purchases);
  await rig.deliver('tiktok');
  await rig.accept(
    ids(30).map((id) => `late-${id}`),
    purchases,
  );
  await deleteDestination({ ...rig.dependencies, wake: () => undefined }, 'tiktok');
  expect(await rig.deliver('tiktok')).toEqual({ nextDueAt: null });
  expect(await rig.statuses('tiktok')).toEqual({ FAILED: 20, SKIPPED: 30 });
  const reasons = new Set((await rig.rows('tiktok')).map(({ reason }) => reason));
  expect(reasons).toEqual(new Set(['OUTCOME_UNKNOWN', 'The destination was deleted']));
  expect(await lies()).toEqual([]);
});
