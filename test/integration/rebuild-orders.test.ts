import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eraseBuyer } from '../../src/privacy/erase-buyer.ts';
import { type RebuildOptions, rebuildOrders } from '../../src/sync/rebuild-orders.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { openWalks, storedOrders, upstreamOrders, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
  for (let index = 0; index < 620; index++) {
    const time = upstream.now - 100_000 - (620 - index) * 60;
    const fields = index % 3 === 0 ? { packages: [{ id: `p${index}` }, { id: `q${index}` }] } : {};
    upstream.add({ id: idAt(index), create_time: time, update_time: time, total: '1.50', lines: 2, fields });
  }
  await walks.run('full');
});

afterEach(() => walks.close());

function rebuild(more: Partial<RebuildOptions> = {}) {
  const { signal } = new AbortController();
  const options = { restart: false, signal, onProgress: () => undefined, ...more };
  return rebuildOrders(walks.sql, { shopId: walks.shopId, ...options });
}

/** Every column of every row that belongs to an order, history included. */
async function everything(): Promise<unknown> {
  const { sql } = walks;
  return {
    orders: [...(await sql`select to_jsonb(o) as row from orders o order by order_id`)],
    lines: [...(await sql`select to_jsonb(l) as row from line_items l order by order_id, position`)],
    packages: [...(await sql`select to_jsonb(p) as row from packages p order by order_id, package_id`)],
    history: [
      ...(await sql`select to_jsonb(h) as row from order_status_history h order by order_id, changed_at`),
    ],
    personal: [...(await sql`select to_jsonb(p) as row from order_personal p order by order_id`)],
  };
}

async function changeSome(): Promise<void> {
  upstream.now += 3_600;
  for (let index = 0; index < 130; index++) {
    const order = upstream.orders.get(idAt(index * 4));
    if (order) upstream.add({ ...order, update_time: upstream.now, total: '7.25', lines: 3 });
  }
  await walks.run('incremental');
}

/** An order of the buyer, read. */
async function buy(buyerId: string): Promise<void> {
  upstream.now += 3_600;
  const order = upstream.orders.get(idAt(3));
  if (order) upstream.add({ ...order, update_time: upstream.now, fields: { user_id: buyerId } });
  await walks.run('incremental');
}

async function erase(buyerId: string): Promise<void> {
  const fingerprints = { buyerFingerprints: async () => (id: string) => hash('sha256', id) };
  await eraseBuyer({ sql: walks.sql, fingerprints, shopId: walks.shopId, buyerId, dryRun: false });
}

describe('a rebuild', () => {
  it('changes nothing where nothing is wrong', async () => {
    await changeSome();
    const before = await everything();
    const calls = upstream.calls;
    expect(await rebuild()).toMatchObject({
      rebuilt: 620,
      changed: 0,
      released: 0,
      not_rebuilt: 0,
      resumed: false,
    });
    expect(await everything()).toEqual(before);
    expect(upstream.calls).toBe(calls);
  });

  it('mends every kind of damage from the newest version of each order, without a call', async () => {
    await changeSome();
    const before = await everything();
    const calls = upstream.calls;
    const { sql } = walks;
    await sql`update orders set total_amount = total_amount + 1, status = 'WRONG' where order_id < ${idAt(90)}`;
    await sql`update orders set updated_at = '2099-01-01', created_at = '1999-01-01', row_hash = 0
      where order_id >= ${idAt(90)} and order_id < ${idAt(150)}`;
    await sql`update orders set currency = 'XXX', buyer_id = null, paid_at = now() where order_id = ${idAt(151)}`;
    await sql`update line_items set unit_price = 0 where order_id = ${idAt(160)}`;
    await sql`delete from line_items where order_id = ${idAt(161)}`;
    await sql`insert into line_items (shop_id, order_id, position, unit_price)
      values (${walks.shopId}, ${idAt(162)}, 9, 1)`;
    await sql`delete from packages where order_id = ${idAt(165)}`;
    await sql`delete from orders where order_id > ${idAt(500)}`;
    await sql`delete from line_items where order_id > ${idAt(500)}`;
    await sql`delete from packages where order_id > ${idAt(500)}`;
    const result = await rebuild();
    expect(await everything()).toEqual(before);
    expect(await storedOrders(sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    expect(result.changed).toBeGreaterThanOrEqual(90 + 60 + 1 + 4 + 119);
    expect(upstream.calls).toBe(calls);
    expect(await rebuild()).toMatchObject({ changed: 0, resumed: false });
  });

  it('releases what can be read now, and keeps aside what cannot', async () => {
    const { sql, shopId } = walks;
    upstream.now += 3_600;
    for (const index of [5, 6]) {
      const order = upstream.orders.get(idAt(index));
      if (order) upstream.add({ ...order, update_time: upstream.now, total: '3.00', poisoned: index === 6 });
    }
    await walks.run('incremental');
    // As if the mapping of then had not been able to read one of them.
    await sql`
      insert into quarantined_records (shop_id, stream, record_id, path, reason, page_id, page_index, observed_at)
      select shop_id, 'orders', order_id, 'payment', 'not understood then', page_id, page_index, observed_at
      from orders where order_id = ${idAt(5)}`;
    await sql`delete from line_items where order_id = ${idAt(5)}`;
    await sql`delete from orders where order_id = ${idAt(5)}`;
    await sql`update quarantined_records set reason = 'an old reason' where record_id = ${idAt(6)}`;
    expect(await rebuild()).toMatchObject({ released: 1, still_quarantined: 1 });
    expect((await storedOrders(sql, shopId)).get(idAt(5))).toContain('3.00');
    const aside = await sql`select record_id, reason from quarantined_records`;
    expect([...aside]).toEqual([{ record_id: idAt(6), reason: 'not a plain decimal' }]);
    // The version before stays in its place, as it was.
    expect((await storedOrders(sql, shopId)).get(idAt(6))).toContain('1.50');
  });

  it('sets aside what the mapping of now refuses, and leaves its row', async () => {
    const { sql } = walks;
    const [page] = await sql<{ page_id: number; page_index: number }[]>`
      select page_id, page_index from orders where order_id = ${idAt(9)}`;
    const { brotliDecompressSync, brotliCompressSync } = await import('node:zlib');
    const [raw] = await sql<
      { body: Buffer }[]
    >`select body from raw_pages where page_id = ${page?.page_id ?? 0}`;
    const records = JSON.parse(brotliDecompressSync(raw?.body ?? Buffer.of()).toString());
    records[page?.page_index ?? 0].payment.total_amount = '1e3';
    const body = brotliCompressSync(JSON.stringify(records));
    await sql`update raw_pages set body = ${body} where page_id = ${page?.page_id ?? 0}`;
    expect(await rebuild()).toMatchObject({ rebuilt: 619, changed: 0, still_quarantined: 1 });
    expect(await storedOrders(sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('goes on where it stopped, and begins anew when told to', async () => {
    const { sql } = walks;
    await sql`update orders set total_amount = 0`;
    const stop = new AbortController();
    let seen = 0;
    const onProgress = (): void => {
      seen += 1;
      if (seen === 3) stop.abort();
    };
    await expect(rebuild({ signal: stop.signal, onProgress })).rejects.toThrow();
    const [left] = await sql`select count(*) as orders from orders where total_amount = 0`;
    expect(left?.orders).toBeGreaterThan(0);
    expect(await rebuild()).toMatchObject({ resumed: true, changed: 620, rebuilt: 620 });
    expect(await storedOrders(sql, walks.shopId)).toEqual(upstreamOrders(upstream));
    await expect(rebuild({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await rebuild({ restart: true })).toMatchObject({ resumed: false, changed: 0 });
  });

  it('leaves what is newer alone while syncs go on', async () => {
    const { sql } = walks;
    await sql`update orders set total_amount = 0 where order_id < ${idAt(300)}`;
    const syncs = (async () => {
      for (let round = 0; round < 4; round++) await changeSome();
      await walks.run('full');
    })();
    const [result] = await Promise.all([rebuild(), syncs]);
    expect(result.finished_at).not.toBeNull();
    expect(await storedOrders(sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('passes damaged pages over and says so', async () => {
    const { sql } = walks;
    const [gone] = await sql<{ page_id: number }[]>`select min(page_id) as page_id from raw_pages`;
    await sql`update raw_pages set body = '\\x00' where page_id = ${gone?.page_id ?? 0}`;
    await sql`update orders set total_amount = 0 where page_id <> ${gone?.page_id ?? 0}`;
    expect(await rebuild()).toMatchObject({ unreadable_pages: 1 });
    expect(await storedOrders(sql, walks.shopId)).toEqual(upstreamOrders(upstream));
  });

  it('brings no erased buyer back', async () => {
    const { sql } = walks;
    await buy('erased-buyer');
    await erase('erased-buyer');
    const before = await everything();
    await sql`update orders set total_amount = 0 where order_id <= ${idAt(3)}`;
    expect(await rebuild()).toMatchObject({ rebuilt: 620, changed: 4 });
    expect(await everything()).toEqual(before);
    expect(JSON.stringify(before)).not.toContain('erased-buyer');
  });

  it('takes no other page of an erased order for a change of it', async () => {
    await buy('erased-buyer');
    upstream.now += 60;
    // The same version once more, in a page that was answered later.
    await walks.run('full');
    await erase('erased-buyer');
    const before = await everything();
    expect(await rebuild()).toMatchObject({ rebuilt: 620, changed: 0 });
    expect(await everything()).toEqual(before);
  });

  it('is one at a time for a shop', async () => {
    let second: Promise<unknown> | undefined;
    const onProgress = (): void => {
      second ??= expect(rebuild()).rejects.toThrow('being rebuilt already');
    };
    await rebuild({ onProgress });
    await second;
  });
});
