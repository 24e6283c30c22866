import { afterAll, beforeAll, expect, it } from 'vitest';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { ledgerOf } from '../../simulator/conversions/testing.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const { pixel_ids: pixels, access_token: accessToken } = credentials.tiktok;
// The simulator's numbers of the first region, the United States, are made so that nobody can have them.
const shopId = 'shop-2';
const source = `/api/v1/shops/${shopId}/conversion_source`;

let rig: SyncRig;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', '400', '--shops', '2', '--seed', '5'], {
    TIKTOK_PIXEL_ID: pixels[0],
    TIKTOK_ACCESS_TOKEN: accessToken,
  });
  await rig.connectSeller(0);
  for (const id of ['shop-1', shopId]) await rig.finished((await rig.start(id, 'full')).run_id);
});

afterAll(() => rig?.stop());

async function put(body: object): Promise<void> {
  const response = await fetch(`${rig.apiUrl}${source}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

/** Has the minute's look happen now, and waits until everything is decided and settled. */
async function settle(): Promise<void> {
  await rig.temporal.schedule.getHandle('webhookCatchUp').trigger();
  await rig.until(
    async () => (await rig.sql`select 1 from order_conversion_marks`).length === 0,
    'every order is decided about',
  );
  await rig.until(
    async () => (await rig.sql`select 1 from deliveries where settled_at is null`).length === 0,
    'every delivery is settled',
  );
}

const counted = async (): Promise<string[]> =>
  (await ledgerOf({ controlUrl: rig.simulator.address.controlUrl }))
    .filter((one) => one.counted > 0)
    .map((one) => one.event_id)
    .sort();

async function delivered(): Promise<string[]> {
  const rows = await rig.sql<{ id: string }[]>`
    select event_id as id from deliveries where status = 'DELIVERED' order by event_id`;
  return rows.map(({ id }) => id);
}

/** The shop's orders that were paid since a time and are neither cancelled, samples nor for nothing, with and without decision. */
const owed = async (from: string) =>
  rig.sql<{ id: string; decision: string | null }[]>`
    select o.order_id as id, c.decision from orders o left join order_conversions c using (shop_id, order_id)
    where o.shop_id = ${shopId} and paid_at >= ${from} and status not in ('UNPAID', 'CANCELLED') and is_sample is not true and total_amount > 0`;

it('tells the paid orders of a shop that the sync has stored, each once, and the platform counts what is said', async () => {
  await settle();
  expect(await counted()).toEqual([]);
  const from = new Date(Date.now() - 5 * 86_400_000).toISOString();
  await put({ enabled: true, paid_from: from });
  await settle();
  await rig.record('orderConversions', `orderConversions/${shopId}`);
  const paid = await owed(from);
  expect(paid.length).toBeGreaterThan(0);
  expect(paid.filter(({ decision }) => decision !== 'told')).toEqual([]);

  const fresh = await rig.change(shopId, 'new', 12);
  await rig.change(shopId, 'advance', 12, { ids: fresh });
  await rig.change(shopId, 'advance', 12, { ids: fresh });
  await rig.finished((await rig.start(shopId, 'incremental')).run_id);
  await settle();
  await rig.expectEverything(shopId);
  const now = await owed(from);
  expect(now.length).toBeGreaterThan(paid.length);
  expect(now.filter(({ decision }) => decision !== 'told')).toEqual([]);
  expect(await counted()).toEqual(await delivered());
  expect((await counted()).length).toBeGreaterThan(0);

  // A full sync reads everything again, a replay looks at everything again: neither tells anything twice.
  const before = await counted();
  await rig.finished((await rig.start(shopId, 'full')).run_id);
  await rig.api.post(`${source}/replay`, { from });
  await settle();
  expect(await counted()).toEqual(before);
});

it('keeps a cancellation beside the purchase, and sends nothing for it', async () => {
  const sent = await counted();
  const cancelled = await rig.change(shopId, 'cancel', 6);
  await rig.finished((await rig.start(shopId, 'incremental')).run_id);
  await settle();
  await rig.expectEverything(shopId);
  const told = await rig.sql<{ id: string }[]>`
    select order_id as id from order_conversions where decision = 'told' and order_id = any(${cancelled})`;
  const { data } = await rig.api.get<{ data: { order_id: string }[] }>(
    `/api/v1/shops/${shopId}/order_conversions?follow_up=cancelled&limit=500`,
  );
  expect(data.map(({ order_id: id }) => id).sort()).toEqual(told.map(({ id }) => id).sort());
  expect(told.length).toBeGreaterThan(0);
  expect(await counted()).toEqual(sent);
});
