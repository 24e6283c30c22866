import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { orderOrigin, processOrders } from '../../src/conversions/orders/process-orders.ts';
import { replayConversionSource, writeConversionSource } from '../../src/db/queries/conversion-sources.ts';
import { listOrderConversions, shopsWithMarkedOrders } from '../../src/db/queries/order-conversions.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { eraseBuyer } from '../../src/privacy/erase-buyer.ts';
import { addShop } from '../support/api.ts';
import { type DeliveryRig, startDeliveryRig } from '../support/delivery-rig.ts';
import { type OracleOrder, storeOrders } from '../support/orders.ts';
import { answer } from '../support/tiktok-events.ts';

let rig: DeliveryRig;
let shopId: string;

beforeAll(async () => {
  rig = await startDeliveryRig();
  await rig.addDestination('pixel');
  await rig.addDestination('meta', { pixel_id: '123' });
  await rig.sql`update destinations set status = 'paused' where destination_id = 'meta'`;
});
afterAll(() => rig.close());

beforeEach(async () => {
  await rig.sql`truncate deliveries, conversion_events, delivery_requests cascade`;
  await rig.sql`delete from orders`;
  await rig.sql`delete from line_items`;
  shopId = await addShop(rig.sql);
  rig.platform.react(answer(0));
});

const hourAgo = (): Date => new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000);

async function store(ids: readonly string[], fields: object = {}): Promise<void> {
  const at = hourAgo();
  const line = { product_id: 'p1', product_name: 'Mug', sku_id: 's1', seller_sku: 'M', unit_price: '12.45' };
  const orders = ids.map(
    (order_id): OracleOrder => ({
      ...{ order_id, status: 'AWAITING_SHIPMENT', created_at: at, updated_at: at, currency: 'USD' },
      ...{ total_amount: '24.90', buyer_id: `buyer-${order_id}`, tracking_number: null, lines: [line, line] },
      ...{ paid_at: at, ...fields },
    }),
  );
  await storeOrders(rig.sql, shopId, orders);
}

/** Switches the source on or off, from two hours ago. */
const write = (enabled = true, more: object = {}): Promise<void> =>
  writeConversionSource(scopeToShop(shopId), rig.sql, {
    ...{ enabled, paidFrom: new Date(Date.now() - 7_200_000), destinations: null, ...more },
  });

const recipientOf = (id: string) => ({ recipient_address: { phone_number: `+1202555${id}` } });

const process = (): Promise<void> =>
  processOrders(
    {
      sql: rig.sql,
      intake: rig.intake,
      personal: {
        readMany: async (_, __, ids) => new Map(ids.map((id) => [id, recipientOf(id)] as const)),
      },
    },
    shopId,
    new AbortController().signal,
  );

const marks = async (): Promise<number> =>
  (await rig.sql`select 1 from order_conversion_marks where shop_id = ${shopId}`).length;

const decisions = () =>
  listOrderConversions(
    scopeToShop(shopId),
    rig.sql,
    { orderId: null, decision: null, followUp: null },
    { after: null, limit: 100 },
  );

const set = (orderId: string, fields: object) =>
  rig.sql`update orders set ${rig.sql(fields)} where shop_id = ${shopId} and order_id = ${orderId}`;

it('is off until it is switched on, and then tells what was paid since, stored before or after', async () => {
  await store(['0100']);
  await process();
  expect(await marks()).toBe(0);
  await write();
  await store(['0101']);
  await store(['0102'], { paid_at: new Date(Date.now() - 10_800_000) });
  await store(['0103'], { paid_at: null, status: 'UNPAID' });
  expect(await shopsWithMarkedOrders(rig.sql)).toContain(shopId);
  await process();
  expect(await marks()).toBe(0);
  await set('0103', { paid_at: hourAgo(), status: 'ON_HOLD' });
  await process();
  const events = await rig.sql`select event_id, origin, event_time from conversion_events order by event_id`;
  expect(events.map(({ event_id: id }) => id)).toEqual(
    ['0100', '0101', '0103'].map((id) => `tiktok-shop-${id}`),
  );
  expect(events[0]).toMatchObject({ origin: orderOrigin(shopId) });
  expect((await rig.rows('pixel')).length).toBe(3);
});

it('tells an order once, however often it changes, is replayed, or a worker dies in between', async () => {
  await write();
  await store(['0200']);
  await process();
  await set('0200', { status: 'IN_TRANSIT' });
  expect(await marks()).toBe(1);
  await process();
  // A worker that dies after the events were stored leaves the marks and no decision.
  await rig.sql`delete from order_conversions where shop_id = ${shopId}`;
  const range = { from: new Date(0), to: new Date() };
  expect(await replayConversionSource(scopeToShop(shopId), rig.sql, range)).toBe(1);
  await Promise.all([process(), process()]);
  expect((await rig.rows('pixel')).length).toBe(1);
  expect(await decisions()).toMatchObject([
    { order_id: '0200', decision: 'told', event_id: 'tiktok-shop-0200', amount: '24.90', follow_ups: [] },
  ]);
  expect(await marks()).toBe(0);
});

it('leaves out what is no purchase, and tells it when a replay finds that it became one', async () => {
  await write();
  await store(['0300'], { is_sample: true });
  await store(['0301'], { total_amount: '0.00' });
  await store(['0302'], { status: 'CANCELLED' });
  await store(['0303'], { currency: 'not a currency' });
  await process();
  expect(
    (await decisions()).map(({ order_id: id, decision, reason }) => [id, decision, reason]).sort(),
  ).toEqual([
    ['0300', 'left_out', 'A sample is no purchase.'],
    ['0301', 'left_out', 'Nothing was paid for it.'],
    ['0302', 'left_out', 'It was cancelled before it was told.'],
    ['0303', 'told', null],
  ]);
  await set('0301', { total_amount: '5.00' });
  await process();
  expect((await decisions()).find((one) => one.order_id === '0301')).toMatchObject({
    ...{ decision: 'told', amount: '5.00', reason: null },
  });
});

it('withholds the purchase of a cancelled order where it was not sent, and says where it stands', async () => {
  await write();
  await store(['0400', '0401']);
  await process();
  await rig.deliver();
  expect(await rig.statuses('pixel')).toEqual({ DELIVERED: 2 });
  const sent = rig.platform.counted.size;
  await set('0400', { status: 'CANCELLED', cancelled_at: new Date() });
  await process();
  const [told] = (await decisions()).filter((one) => one.order_id === '0400');
  expect(told?.follow_ups).toMatchObject([
    {
      ...{ kind: 'cancelled', amount: '24.90' },
      outcomes: [
        { destination: 'meta', outcome: 'withheld' },
        { destination: 'pixel', outcome: 'stands' },
      ],
    },
  ]);
  expect(await rig.rows('meta')).toMatchObject([
    { event_id: 'tiktok-shop-0400', status: 'SKIPPED', reason: 'The order was cancelled before it was sent' },
    { event_id: 'tiktok-shop-0401', status: 'PENDING' },
  ]);
  await set('0400', { cancel_reason: 'again' });
  await process();
  await rig.deliver();
  // Nothing more went out, least of all a negative purchase.
  expect(rig.platform.counted.size).toBe(sent);
  expect((await rig.rows('pixel')).map(({ status }) => status)).toEqual(['DELIVERED', 'DELIVERED']);
});

it('waits for what is being sent just now before it decides about a cancellation', async () => {
  await write();
  await store(['0500']);
  await process();
  await rig.sql`
    update deliveries set status = 'SENDING', next_attempt_at = null, claim = 1 where destination_id = 'pixel'`;
  await set('0500', { status: 'CANCELLED' });
  await process();
  expect((await decisions())[0]?.follow_ups).toEqual([]);
  expect(await marks()).toBe(1);
  await rig.sql`update deliveries set status = 'RETRYING', next_attempt_at = now() where destination_id = 'pixel'`;
  await rig.sql`update order_conversion_marks set due_at = now()`;
  await process();
  expect((await rig.rows('pixel'))[0]).toMatchObject({ status: 'SKIPPED' });
  expect(await marks()).toBe(0);
});

it('keeps what of a purchase was taken back, to the cent, and sends nothing for it', async () => {
  await write();
  await store(['0600']);
  await process();
  await set('0600', { total_amount: '14.95' });
  await process();
  expect((await decisions())[0]?.follow_ups).toMatchObject([{ kind: 'reduced', amount: '9.95' }]);
  await rig.sql`update line_items set display_status = 'CANCELLED' where order_id = '0600' and position = 0`;
  await set('0600', { seller_discount: '1' });
  await process();
  expect((await decisions())[0]?.follow_ups).toMatchObject([
    { kind: 'reduced', amount: '12.45', outcomes: [{ outcome: 'stands' }, { outcome: 'stands' }] },
  ]);
  expect((await rig.rows('pixel')).length).toBe(1);
  expect((await rig.rows('pixel'))[0]).toMatchObject({ status: 'PENDING' });
});

it('forgets what it has not looked at when it is switched off', async () => {
  await write();
  await store(['0700']);
  await write(false);
  expect(await marks()).toBe(0);
  await store(['0701']);
  await process();
  expect((await rig.rows('pixel')).length).toBe(0);
});

it('tells the chosen destinations only', async () => {
  await write(true, { destinations: ['pixel'] });
  await store(['0800']);
  await process();
  expect([(await rig.rows('pixel')).length, (await rig.rows('meta')).length]).toEqual([1, 0]);
});

it('loses no order that was being written while it was switched on', async () => {
  const steps = new EventEmitter();
  const at = hourAgo();
  const row = {
    ...{ shop_id: shopId, order_id: '0900', status: 'ON_HOLD', created_at: at, updated_at: at, paid_at: at },
    ...{ currency: 'USD', total_amount: '1', items_count: 0, row_hash: 1, observed_at: at },
    ...{ page_id: 1, page_index: 0 },
  };
  const writing = rig.sql.begin(async (tx) => {
    await tx`insert into orders ${tx(row)}`;
    steps.emit('inserted');
    await once(steps, 'go');
  });
  await once(steps, 'inserted');
  const switching = write();
  await rig.sql`select pg_sleep(0.2)`;
  steps.emit('go');
  await Promise.all([writing, switching]);
  await process();
  expect(await decisions()).toMatchObject([{ order_id: '0900', decision: 'told' }]);
});

it('takes an erased buyer out of the events of their orders', async () => {
  await write();
  await store(['1000', '1001']);
  await process();
  const fingerprints = { buyerFingerprints: async () => (id: string) => Buffer.from(id).toString('hex') };
  const erasure = { sql: rig.sql, fingerprints, shopId, buyerId: 'buyer-1000' };
  // The page that the rows point to was never stored here.
  expect((await eraseBuyer({ ...erasure, dryRun: true })).report?.changed).toMatchObject({
    conversion_events: 1,
  });
  expect((await eraseBuyer({ ...erasure, dryRun: false })).report?.changed).toMatchObject({
    conversion_events: 1,
  });
  const sealed = await rig.sql`
    select event_id, sealed is null as forgotten from conversion_events order by event_id`;
  expect(sealed).toMatchObject([{ forgotten: true }, { forgotten: false }]);
  await rig.deliver();
  expect((await rig.rows('pixel')).map(({ status }) => status)).toEqual(['SKIPPED', 'DELIVERED']);
});
