import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { callControl, ledgerOf } from '../../simulator/conversions/testing.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/index.ts';
import { type DeliveryRig, startDeliveryRig } from '../support/delivery-rig.ts';

let simulator: RunningSimulator;
let rig: DeliveryRig;

const { tiktok, meta, google_ads: google } = credentials;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 0, seed: 11 });
});

beforeEach(async () => {
  await callControl(simulator, 'DELETE', 'faults');
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

/** Reported as delivered and not counted, counted and not reported, counted twice. */
async function lies(kind: string): Promise<{ uncounted: string[]; unreported: string[]; twice: string[] }> {
  const platform = kind === 'google_ads' ? 'google' : kind;
  const entries = (await ledgerOf(simulator)).filter((one) => one.platform.startsWith(platform));
  const counted = new Set(entries.filter((one) => one.counted > 0).map((one) => one.event_id));
  const rows = await rig.rows(kind);
  const delivered = new Set(rows.filter((row) => row.status === 'DELIVERED').map((row) => row.event_id));
  return {
    uncounted: [...delivered].filter((id) => !counted.has(id)),
    unreported: [...counted].filter((id) => !delivered.has(id)),
    twice: entries.filter((one) => one.counted > 1).map((one) => one.event_id),
  };
}

const truth = { uncounted: [], unreported: [], twice: [] };

it.each(['tiktok', 'meta', 'google_ads'])('%s: what is delivered was counted, once', async (kind) => {
  await addDestination(kind);
  await rig.accept(ids(300), purchases);
  await deliverAll(kind);
  expect(await rig.statuses(kind)).toEqual({ DELIVERED: 300 });
  expect(await lies(kind)).toEqual(truth);
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
  expect(await lies(kind)).toEqual(truth);
});
