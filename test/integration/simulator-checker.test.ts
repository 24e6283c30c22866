import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareWithSimulator,
  formatComparison,
  type RunningSimulator,
  startSimulator,
} from '../../simulator/index.ts';
import { TestClient, type TestOrder } from '../../simulator/testing/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let simulator: RunningSimulator;
let client: TestClient;
let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 2_500, seed: 31 });
  client = await TestClient.connect(simulator);
  database = await createTestDatabase();
  sql = postgres(database.databaseUrl, {
    max: 1,
    connection: { search_path: 'tideline' },
    onnotice: () => undefined,
  });
  await sql`insert into shops (shop_id, tiktok_shop_id, name, region, time_zone) values ('shop-1', ${client.shopId}, 'S', 'US', '-08:00')`;
});
afterAll(async () => {
  await sql.end();
  await database.drop();
  await simulator.stop();
});
beforeEach(async () => {
  await sql`truncate orders, line_items, quarantined_records`;
  await store(await client.walk({}));
});

/** Stores orders as plainly as can be, so that the checker is tested by something that is not the engine. */
async function store(orders: readonly TestOrder[]): Promise<void> {
  const rows = orders.map((order) => ({
    shop_id: 'shop-1',
    order_id: order.id,
    status: order.status,
    created_at: new Date(order.create_time * 1000),
    updated_at: new Date(order.update_time * 1000),
    currency: order.payment.currency,
    total_amount: order.payment.total_amount,
    sub_total: order.payment.sub_total,
    tracking_number: order.tracking_number === '' ? null : order.tracking_number,
    items_count: order.line_items.length,
    row_hash: 1,
    observed_at: new Date(),
    page_id: 1,
    page_index: 0,
  }));
  const lines = orders.flatMap((order) =>
    order.line_items.map((line, position) => ({
      shop_id: 'shop-1',
      order_id: order.id,
      position,
      unit_price: line.sale_price,
    })),
  );
  for (let at = 0; at < rows.length; at += 1_000)
    await sql`insert into orders ${sql(rows.slice(at, at + 1_000))}`;
  for (let at = 0; at < lines.length; at += 5_000)
    await sql`insert into line_items ${sql(lines.slice(at, at + 5_000))}`;
}

const compare = (tolerateQuarantined = false) =>
  compareWithSimulator({
    databaseUrl: database.databaseUrl,
    controlUrl: simulator.controlUrl,
    tiktokShopId: client.shopId,
    tolerateQuarantined,
  });

describe('compareWithSimulator', () => {
  it('finds an exact copy equal', async () => {
    const comparison = await compare();
    expect(comparison).toMatchObject({
      equal: true,
      missingCount: 0,
      unexpectedCount: 0,
      differingCount: 0,
      dayDifferences: [],
    });
    expect(comparison.stored).toEqual(comparison.upstream);
    expect(comparison.upstream.orders).toBe(2_500);
    expect(formatComparison(comparison)).toContain('2,500');
  });

  it('finds each kind of difference', async () => {
    const ids = (await sql<{ order_id: string }[]>`select order_id from orders order by order_id`).map(
      (row) => row.order_id,
    );
    const [lost, cent, stale, line, tracked, orphan] = [
      ids[3],
      ids[400],
      ids[800],
      ids[1_200],
      ids[1_600],
      ids[2_000],
    ].map(String);
    await sql`delete from line_items where order_id = ${lost ?? ''}`;
    await sql`delete from orders where order_id = ${lost ?? ''}`;
    await sql`update orders set total_amount = total_amount + 0.01 where order_id = ${cent ?? ''}`;
    await sql`update orders set updated_at = updated_at - interval '1 second' where order_id = ${stale ?? ''}`;
    await sql`delete from line_items where order_id = ${line ?? ''} and position = 0`;
    await sql`update orders set tracking_number = 'other' where order_id = ${tracked ?? ''}`;
    await sql`update orders set order_id = 'nobody' where order_id = ${orphan ?? ''}`;
    const comparison = await compare();
    expect(comparison.equal).toBe(false);
    expect(comparison.missing).toEqual([lost, orphan]);
    expect(comparison.unexpected).toEqual(['nobody']);
    expect(comparison.differing.map(({ id, field }) => `${id} ${field}`)).toEqual([
      `${cent} total_amount`,
      `${stale} update_time`,
      `${line} line_count`,
      `${line} line_sum`,
      `${tracked} tracking_number`,
    ]);
    expect(comparison).toMatchObject({
      lineDifferences: 1,
      missingCount: 2,
      unexpectedCount: 1,
      differingCount: 4,
    });
    expect(comparison.orphanLines).toBeGreaterThan(0);
    expect(comparison.dayDifferences.length).toBeGreaterThan(0);
    expect(formatComparison(comparison)).toContain(`${cent} total_amount: upstream`);
  });

  it('expects what was poisoned on purpose in quarantine, and nothing else there', async () => {
    const { ids } = (await client.control('POST', `/shops/${client.shopId}/changes`, {
      kind: 'poison',
      poison: 'payment_missing',
      count: 3,
    })) as { ids: string[] };
    await sql`truncate orders, line_items`;
    const all = await client.walk({});
    await store(all.filter((order) => !ids.includes(order.id)));
    expect(await compare()).toMatchObject({ equal: false, missingCount: 3 });
    const setAside = (id: string) =>
      sql`insert into quarantined_records (shop_id, stream, record_id, path, reason, page_id, page_index, observed_at) values ('shop-1', 'orders', ${id}, 'payment', 'missing', 1, 0, now())`;
    for (const id of ids) await setAside(id);
    expect(await compare()).toMatchObject({ equal: true, quarantined: 3, quarantinedOnPurpose: 3 });
    await setAside(all.find((order) => !ids.includes(order.id))?.id ?? '');
    expect((await compare()).equal).toBe(false);
    expect((await compare(true)).equal).toBe(true);
    await client.control('POST', `/shops/${client.shopId}/changes`, { kind: 'heal', ids });
  });

  it('says when the shop is not there', async () => {
    await expect(
      compareWithSimulator({
        databaseUrl: database.databaseUrl,
        controlUrl: simulator.controlUrl,
        tiktokShopId: '1',
      }),
    ).rejects.toThrow('No shop 1 is in the database.');
  });
});
