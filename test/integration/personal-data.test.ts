import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackRawPage } from '../../src/db/queries/raw-page-body.ts';
import { eraseBuyer } from '../../src/privacy/erase-buyer.ts';
import { beginShopErasure, eraseShop, rehearseShopErasure } from '../../src/privacy/erase-shop.ts';
import { purgePersonalRows, shopsDueForErasure } from '../../src/privacy/purge.ts';
import { FakeUpstream } from '../support/fake-upstream.ts';
import { openWalks, plainFingerprints, type Walks } from '../support/order-walks.ts';

const buyer = '7494000000000000017';
const other = '7494000000000000018';
const day = 86_400;
const now = Math.floor(Date.now() / 1000);

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream(now);
  walks = await openWalks(upstream);
});

afterEach(() => walks.close());

function addOrder(id: string, buyerId: string | null, more: Record<string, unknown> = {}, age = day): void {
  const time = upstream.now - age;
  const fields = { ...(buyerId === null ? {} : { user_id: buyerId }), ...more };
  upstream.add({ id, create_time: time, update_time: time, total: '9.90', lines: 1, fields });
}

/** A change that everybody sees. */
function changeOrder(id: string, fields: Record<string, unknown>): void {
  const order = upstream.orders.get(id);
  if (order === undefined) throw new Error(`No order ${id}.`);
  upstream.now += 60;
  upstream.add({ ...order, update_time: upstream.now - 30, fields: { ...order.fields, ...fields } });
}

async function personalOf(orderId: string): Promise<Record<string, unknown> | null> {
  return walks.dependencies.personal.read(walks.sql, walks.shopId, orderId);
}

function erase(buyerId: string, dryRun = false) {
  const { sql, shopId } = walks;
  return eraseBuyer({ sql, fingerprints: plainFingerprints, shopId, buyerId, dryRun });
}

/** Every row of every table as text, raw pages unpacked. */
async function everything(): Promise<string> {
  const { sql } = walks;
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'tideline' and table_type = 'BASE TABLE'`;
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const row of await sql`select t::text as row from ${sql(name)} t`) texts.push(`${name} ${row.row}`);
  }
  for (const page of await sql<{ encoding: string; body: Buffer }[]>`select encoding, body from raw_pages`) {
    texts.push(JSON.stringify(await unpackRawPage(page.encoding, page.body)));
  }
  // The test's cipher leaves everything readable, in hexadecimal where the database prints bytes.
  return texts
    .join('\n')
    .replaceAll(/\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString());
}

describe('erasing a buyer', () => {
  it('leaves nothing of them in any table, and nothing comes back by any later sync', async () => {
    addOrder('a', buyer, { buyer_message: 'ring twice' });
    addOrder('b', other, { buyer_message: 'leave at the door' });
    addOrder('c', buyer, { buyer_message: 'third floor' });
    addOrder('bad', buyer, { payment: { currency: 'USD', total_amount: '1e3' } });
    await walks.run('full');
    expect(await personalOf('a')).toMatchObject({ buyer_message: 'ring twice' });

    const report = await erase(buyer);
    expect(report).toMatchObject({
      status: 'finished',
      report: { deleted: { order_personal: 2 }, changed: { orders: 2, raw_pages: 1 } },
    });
    const gone = async (): Promise<void> => {
      const text = (await everything()).replaceAll(/^erased_buyers .*$/gm, '');
      expect(text).toContain('leave at the door');
      for (const trace of [buyer, 'ring twice', 'third floor', 'a@example.test', 'fourth']) {
        expect(text.includes(trace), trace).toBe(false);
      }
    };
    await gone();
    await walks.run('incremental');
    await gone();
    changeOrder('a', { buyer_message: 'fourth floor' });
    changeOrder('bad', { seller_note: 'fourth' });
    await walks.run('incremental');
    await gone();
    await walks.run('full');
    await gone();
    expect(await walks.sql`select 1 from orders where buyer_id = ${other}`).toHaveLength(1);
  });

  it('holds for an order that names no buyer any more, and for one that was not read yet', async () => {
    addOrder('a', buyer, { buyer_message: 'ring twice' });
    await walks.run('full');
    addOrder('late', buyer, { buyer_message: 'seen late' }, 2 * day);
    await erase(buyer);
    changeOrder('a', { user_id: '', buyer_message: 'once more' });
    await walks.run('full');
    expect(await personalOf('a')).toBeNull();
    expect(await personalOf('late')).toBeNull();
    const orders = await walks.sql<{ order_id: string }[]>`
      select order_id from orders where buyer_id is null order by order_id`;
    expect(orders.map((row) => row.order_id)).toEqual(['a', 'late']);
  });

  it('does not concern an order that is placed afterwards, until it is asked for again', async () => {
    addOrder('a', buyer);
    await walks.run('full');
    await erase(buyer);
    upstream.now += 3_600;
    addOrder('new', buyer, { buyer_message: 'a new purchase' }, 60);
    await walks.run('incremental');
    expect(await personalOf('new')).toMatchObject({ buyer_message: 'a new purchase' });
    expect((await erase(buyer)).report).toMatchObject({ deleted: { order_personal: 1 } });
    expect(await personalOf('new')).toBeNull();
  });

  it('changes nothing in a rehearsal', async () => {
    addOrder('a', buyer);
    await walks.run('full');
    const before = await everything();
    expect(await erase(buyer, true)).toMatchObject({
      erasure_id: null,
      status: 'rehearsed',
      report: { deleted: { order_personal: 1 }, changed: { orders: 1, raw_pages: 1 } },
    });
    expect(await everything()).toBe(before);
  });

  it('takes the claim of a page that was prepared before', async () => {
    addOrder('a', buyer);
    const { sql, shopId } = walks;
    const runId = await walks.begin('full');
    const [slice] = await sql<{ slice_id: number; claim: number }[]>`
      insert into sync_slices (run_id, axis, range_from, range_to, status, claim)
      values (${runId}, 'create_time', 1, 2, 'walking', 1) returning slice_id, claim`;
    await erase(buyer);
    const [after] = await sql<{ claim: number }[]>`
      select claim from sync_slices where slice_id = ${slice?.slice_id ?? 0}`;
    expect(after?.claim).toBe(2);
    expect(shopId).toBe('shop-1');
  });
});

describe('erasing a shop', () => {
  it('leaves its report only, and does it once', async () => {
    addOrder('a', buyer, { buyer_message: 'ring twice' });
    await walks.run('full');
    await erase(other);
    const rehearsed = await rehearseShopErasure(walks.sql, walks.shopId);
    expect(rehearsed.report?.deleted).toMatchObject({ orders: 1, order_personal: 1, raw_pages: 1, shops: 1 });
    const erasureId = await beginShopErasure(walks.sql, walks.shopId);
    expect(await beginShopErasure(walks.sql, walks.shopId)).toBe(erasureId);
    const done = await eraseShop(walks.sql, erasureId);
    expect(done).toMatchObject({ status: 'finished', report: { deleted: { orders: 1, shops: 1 } } });
    expect(await eraseShop(walks.sql, erasureId)).toEqual(done);
    const tables = await walks.sql<{ name: string }[]>`
      select distinct table_name as name from information_schema.columns
      where table_schema = 'tideline' and column_name = 'shop_id' and table_name <> 'erasures'`;
    for (const { name } of tables) {
      expect(
        await walks.sql`select 1 from ${walks.sql(name)} where shop_id = ${walks.shopId}`,
        name,
      ).toHaveLength(0);
    }
    const text = await everything();
    for (const trace of [buyer, 'ring twice', 'a@example.test', '9.90']) expect(text).not.toContain(trace);
  });

  it('is due when its access ended long enough ago, and at once when it was cut off', async () => {
    const { sql, shopId } = walks;
    const due = () => shopsDueForErasure(sql, 30);
    expect(await due()).toEqual([]);
    await sql`update shops set status = 'parked', access_ended_at = now() - interval '29 days'`;
    expect(await due()).toEqual([]);
    await sql`update shops set access_ended_at = now() - interval '31 days'`;
    expect(await due()).toEqual([shopId]);
    await sql`update shops set status = 'active', access_ended_at = null`;
    expect(await due()).toEqual([]);
    await beginShopErasure(sql, shopId);
    expect(await due()).toEqual([shopId]);
  });
});

describe('the retention time', () => {
  it('ends for orders of shops that do not sync, and by the present setting', async () => {
    const delivered = (days: number) => ({ delivery_time: now - days * day, status: 'DELIVERED' });
    addOrder('old', buyer, delivered(20));
    addOrder('young', buyer, delivered(2));
    addOrder('open', buyer);
    await walks.run('full');
    expect(await purgePersonalRows(walks.sql, 30)).toBe(0);
    await walks.sql`update order_personal set purge_after = now() - interval '1 minute' where order_id = 'open'`;
    expect(await purgePersonalRows(walks.sql, 30)).toBe(1);
    expect(await purgePersonalRows(walks.sql, 7)).toBe(1);
    expect(await walks.sql`select order_id from order_personal`).toEqual([{ order_id: 'young' }]);
  });

  it('begins with the delivery also when the delivered copy is masked', async () => {
    addOrder('a', buyer, { buyer_message: 'plain' });
    await walks.run('full');
    changeOrder('a', { buyer_message: 'p**', status: 'DELIVERED', delivery_time: upstream.now - 29 * day });
    await walks.run('incremental');
    const [row] = await walks.sql<{ masked: boolean; days: number }[]>`
      select masked, extract(day from purge_after - now())::int as days from order_personal`;
    expect(row?.masked).toBe(false);
    expect(row?.days).toBeLessThan(2);
    expect(await personalOf('a')).toMatchObject({ buyer_message: 'plain' });
  });
});

describe('masked copies (F10)', () => {
  const masked = { recipient_address: { name: 'A*****' } };
  const plain = { recipient_address: { name: 'Ada' } };

  it.each(['incremental', 'full'] as const)(
    'never replace unmasked ones in a %s sync, and give way to them',
    async (mode) => {
      addOrder('first-masked', buyer, masked);
      addOrder('first-plain', buyer, plain);
      await walks.run('full');
      changeOrder('first-masked', plain);
      changeOrder('first-plain', masked);
      await walks.run(mode);
      expect(await personalOf('first-masked')).toMatchObject(plain);
      expect(await personalOf('first-plain')).toMatchObject(plain);
    },
  );

  it('give way also when the order itself did not change', async () => {
    addOrder('a', buyer, masked, 60);
    await walks.run('full');
    const order = upstream.orders.get('a');
    if (order === undefined) throw new Error('The order is gone.');
    upstream.now += 30;
    upstream.add({ ...order, fields: { ...order.fields, ...plain } });
    await walks.run('incremental');
    expect(await personalOf('a')).toMatchObject(plain);
  });
});
