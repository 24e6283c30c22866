import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDriftLedger } from '../../src/db/drift-ledger.ts';
import { FakeUpstream, idAt } from '../support/fake-upstream.ts';
import { openWalks, type Walks } from '../support/order-walks.ts';

let upstream: FakeUpstream;
let walks: Walks;

beforeEach(async () => {
  upstream = new FakeUpstream();
  walks = await openWalks(upstream);
});

afterEach(() => walks.close());

const fill = (count: number): void => upstream.fill(count, { spread: 10, age: 10_000 });

/** Serves an order with these fields; the others of its page are as they were. */
function spoil(index: number, fields: Record<string, unknown>): void {
  upstream.change(idAt(index), { poisoned: true, fields });
}

async function setAside(): Promise<{ path: string; reason: string; record_id: string }[]> {
  return walks.sql<{ path: string; reason: string; record_id: string }[]>`
    select record_id, path, reason from quarantined_records order by record_id`;
}

const payment = { currency: 'USD', total_amount: '1.50' };
const line = { id: '1', sku_id: 's', product_id: 'p', sale_price: '0.75' };

describe('an order that cannot be stored', () => {
  it.each([
    ['money with an exponent', { payment: { ...payment, total_amount: '1e3' } }, 'payment.total_amount'],
    ['grouped money', { payment: { ...payment, total_amount: '1,234.50' } }, 'payment.total_amount'],
    ['negative money', { payment: { ...payment, tax: '-1.00' } }, 'payment.tax'],
    ['a number for money', { payment: { ...payment, total_amount: 1.5 } }, 'payment.total_amount'],
    ['no payment', { payment: null }, 'payment'],
    ['lines of a wrong type', { line_items: { 0: line } }, 'line_items'],
    ['a line that is none', { line_items: [line, null] }, 'line_items[1]'],
    ['a broken time', { create_time: 1.5, payment }, 'create_time'],
    ['a time beyond all bounds', { create_time: 1e300, payment }, 'create_time'],
    ['an id with NUL', { id: '57\u0000', payment }, 'id'],
    ['half an emoji in its id', { id: '57\ud83d', payment }, 'id'],
    ['an id of a megabyte', { id: '5'.repeat(1e6), payment }, 'id'],
    ['no id', { id: null, payment }, 'id'],
    [
      'an SKU of a megabyte',
      { payment, line_items: [{ ...line, sku_id: 's'.repeat(1e6) }] },
      'line_items[0].sku_id',
    ],
    ['a package of a megabyte', { payment, packages: [{ id: 'p'.repeat(1e6) }] }, 'packages[0].id'],
  ])('because of %s stays alone: the other 99 of its page are stored', async (_what, fields, path) => {
    fill(250);
    spoil(120, fields);
    await walks.run('full');
    await walks.expectEverything();
    expect((await setAside()).map((record) => record.path)).toEqual([path]);
    upstream.now += 100;
    await walks.run('full');
    expect(await setAside()).toHaveLength(1);
  });

  it('does not hide behind an older answer that arrives late', async () => {
    fill(120);
    await walks.run('full');
    upstream.now += 1_000;
    const good = upstream.orders.get(idAt(7));
    if (good) upstream.add({ ...good, update_time: upstream.now, poisoned: true });
    await walks.run('incremental');
    expect(await setAside()).toHaveLength(1);
    // A history lane that read the order before it went bad writes only now.
    if (good) upstream.add(good);
    upstream.now -= 500;
    await walks.run('full');
    expect((await setAside()).map((record) => record.record_id)).toEqual([idAt(7)]);
    upstream.now += 1_000;
    await walks.run('full');
    expect(await setAside()).toEqual([]);
  });
});

describe('an order that is only odd', () => {
  it.each([
    [
      'NUL and half an emoji in its texts',
      { line_items: [{ ...line, product_name: 'a\u0000b \ud83d' }] },
      'a\ufffdb \ufffd',
    ],
    ['a title of a megabyte', { line_items: [{ ...line, product_name: 'M'.repeat(1e6) }] }, 'M'.repeat(1e6)],
    [
      'text from right to left',
      { line_items: [{ ...line, product_name: '🧿 ﷽ עברית \u202e' }] },
      '🧿 ﷽ עברית \u202e',
    ],
  ])('is stored: %s', async (_what, fields, name) => {
    fill(150);
    spoil(33, { payment, ...fields });
    await walks.run('full');
    expect(await setAside()).toEqual([]);
    const [stored] = await walks.sql`select product_name from line_items where order_id = ${idAt(33)}`;
    expect(stored?.product_name).toBe(name);
  });

  it('is stored with ten thousand lines, ids above 2^53 and a currency without decimals', async () => {
    fill(150);
    const id = '9223372036854775807';
    const lines = Array.from({ length: 10_000 }, (_, index) => ({ ...line, id: `92233720368547${index}` }));
    spoil(33, { id, payment: { currency: 'JPY', total_amount: '1500' }, line_items: lines });
    await walks.run('full');
    const [stored] = await walks.sql`
      select total_amount, items_count, (select count(*) from line_items l where l.order_id = o.order_id) as lines
      from orders o where order_id = ${id}`;
    expect(stored).toEqual({ total_amount: '1500', items_count: 10_000, lines: 10_000 });
  });
});

describe('drift', () => {
  const findings = () => walks.sql<{ path: string; kind: string; samples: string[]; occurrences: number }[]>`
    select path, kind, samples, occurrences from drift_findings order by path, kind`;

  it('is recorded once for each path and kind, counted, and stops no run', async () => {
    fill(230);
    const drifting = {
      payment: { ...payment, moon_tax: '0.01' },
      status: 'AWAITING_TELEPORT',
      is_cod: 'yes',
    };
    for (let index = 0; index < 210; index++) {
      const order = upstream.orders.get(idAt(index));
      if (order) upstream.add({ ...order, total: '1.50', fields: drifting });
    }
    await walks.run('full');
    await walks.expectEverything();
    const first = await findings();
    expect(first.map(({ path, kind, samples }) => [path, kind, samples])).toEqual([
      ['is_cod', 'retyped', ['text']],
      ['payment.moon_tax', 'unknown', ['text of a decimal']],
      ['status', 'new_value', ['AWAITING_TELEPORT']],
    ]);
    for (const { occurrences } of first) expect(occurrences).toBeGreaterThanOrEqual(210);
    upstream.now += 100;
    const order = upstream.orders.get(idAt(3));
    if (order) upstream.add({ ...order, update_time: upstream.now, fields: { status: 'LOST_IN_SPACE' } });
    await walks.run('incremental');
    const second = await findings();
    expect(second.find(({ path }) => path === 'status')).toMatchObject({
      samples: ['AWAITING_TELEPORT', 'LOST_IN_SPACE'],
      occurrences: (first.find(({ path }) => path === 'status')?.occurrences ?? 0) + 1,
    });
    expect(second).toHaveLength(3);
  });

  it('costs no statement while nothing drifts', async () => {
    fill(120);
    await walks.run('full');
    expect(await findings()).toEqual([]);
  });

  it('waits while the database is away, and is not lost', async () => {
    await walks.sql`alter table drift_findings rename to drift_findings_away`;
    const warnings: object[] = [];

    const ledger = createDriftLedger({
      sql: walks.sql,
      log: { warn: (fields) => void warnings.push(fields) },
    });
    ledger.note(walks.shopId, 'orders', [{ kind: 'unknown', path: 'a', samples: ['text'], count: 2 }]);
    await ledger.flush();
    expect(warnings).toHaveLength(1);
    await walks.sql`alter table drift_findings_away rename to drift_findings`;
    ledger.note(walks.shopId, 'orders', [{ kind: 'unknown', path: 'a', samples: ['null'], count: 1 }]);
    await ledger.flush();
    await ledger.flush();
    expect(await findings()).toEqual([
      { path: 'a', kind: 'unknown', samples: ['text', 'null'], occurrences: 3 },
    ]);
  });
});
