import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapOrder } from './map.ts';

function order(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '576460000000000001',
    status: 'AWAITING_SHIPMENT',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    user_id: '7494900000000000001',
    buyer_email: 'someone@example.test',
    recipient_address: { name: 'Some One', phone_number: '(+1)2025550100' },
    payment: { currency: 'USD', total_amount: '12.34', sub_total: '10', tax: '1.34', shipping_fee: '1.00' },
    line_items: [
      { id: '1', sku_id: '11', product_id: '111', product_name: 'Cup', sale_price: '5.00' },
      { id: '2', sku_id: '11', product_id: '111', product_name: 'Cup', sale_price: '5.00' },
    ],
    packages: [{ id: 'p1' }, { id: 'p1' }],
    ...changes,
  };
}

function quarantined(changes: Record<string, unknown>): { path: string; reason: string } {
  const mapped = mapOrder(order(changes));
  if (mapped.kind !== 'quarantined') throw new Error('The order was taken.');
  return { path: mapped.path, reason: mapped.reason };
}

describe('mapOrder', () => {
  it('keeps ids, money and times exactly', () => {
    const mapped = mapOrder(order({ id: '9223372036854775807' }));
    if (mapped.kind !== 'order') throw new Error(mapped.reason);
    expect(mapped.order).toMatchObject({
      order_id: '9223372036854775807',
      total_amount: '12.34',
      sub_total: '10',
      created_at: 1_700_000_000,
      updated_at: 1_700_000_100,
      items_count: 2,
      seller_discount: null,
    });
    expect(mapped.lineItems.map(({ position, unit_price }) => [position, unit_price])).toEqual([
      [0, '5.00'],
      [1, '5.00'],
    ]);
    expect(mapped.packageIds).toEqual(['p1']);
  });

  it('takes what is personal out of the kept record, also fields that nobody knows yet', () => {
    const mapped = mapOrder(order({ recipient_email_v2: 'new@example.test', new_field: 7 }));
    if (mapped.kind !== 'order') throw new Error(mapped.reason);
    expect(mapped.json).not.toMatch(/example\.test|Some One|2025550100/);
    expect(mapped.json).toContain('"new_field":7');
    expect(Object.keys(mapped.personal ?? {}).toSorted()).toEqual([
      'buyer_email',
      'recipient_address',
      'recipient_email_v2',
    ]);
  });

  it('does not change its hash with personal data, and does with anything else', () => {
    const hashOf = (changes: Record<string, unknown>): bigint => {
      const mapped = mapOrder(order(changes));
      return mapped.kind === 'order' ? mapped.rowHash : 0n;
    };
    expect(hashOf({ buyer_email: '***' })).toBe(hashOf({}));
    expect(hashOf({ tracking_number: '1Z' })).not.toBe(hashOf({}));
  });

  it.each([
    ['1e3', 'not a plain decimal'],
    ['1,234.50', 'not a plain decimal'],
    ['-5.00', 'not a plain decimal'],
    ['', 'missing'],
    [12.5, 'not a plain decimal'],
    [null, 'missing'],
  ])('sets an order with the total %j aside', (total, reason) => {
    const payment = { currency: 'USD', total_amount: total };
    expect(quarantined({ payment })).toEqual({ path: 'payment.total_amount', reason });
  });

  it.each([
    [{ payment: undefined }, { path: 'payment', reason: 'missing' }],
    [{ line_items: 'none' }, { path: 'line_items', reason: 'not a list' }],
    [{ line_items: [{ sale_price: '1.00' }, 7] }, { path: 'line_items[1]', reason: 'not an object' }],
    [
      { line_items: [{ sale_price: '1,0' }] },
      { path: 'line_items[0].sale_price', reason: 'not a plain decimal' },
    ],
    [{ id: '' }, { path: 'id', reason: 'missing' }],
    [{ status: ['A'] }, { path: 'status', reason: 'expected text, got a list' }],
    [{ create_time: 'yesterday' }, { path: 'create_time', reason: 'not a time in Unix seconds' }],
    [{ update_time: null }, { path: 'update_time', reason: 'missing' }],
    [{ create_time: '999999999999' }, { path: 'create_time', reason: 'not a time in Unix seconds' }],
    [{ create_time: 1.5 }, { path: 'create_time', reason: 'not a time in Unix seconds' }],
    [{ id: '57\u0000' }, { path: 'id', reason: 'holds characters that no id has' }],
    [{ id: '57\ud83d' }, { path: 'id', reason: 'holds characters that no id has' }],
    [{ id: '5'.repeat(251) }, { path: 'id', reason: 'longer than 250 characters' }],
    [
      { packages: [{ id: 'p\u0000' }] },
      { path: 'packages[0].id', reason: 'holds characters that no id has' },
    ],
    [
      { line_items: [{ sale_price: '1.00', sku_id: 's'.repeat(1e6) }] },
      { path: 'line_items[0].sku_id', reason: 'longer than 250 characters' },
    ],
  ])('names path and reason of %j', (changes, expected) => {
    expect(quarantined(changes)).toEqual(expected);
  });

  it.each(['1.5', 1.5, 1e300, -1, '1e9', {}, null])(
    'sets a record aside whose creation time %j is none, without a time',
    (create_time) => {
      const mapped = mapOrder(order({ create_time }));
      expect(mapped).toMatchObject({ kind: 'quarantined', createTime: null, recordId: '576460000000000001' });
    },
  );

  it('gives a record with an unusable id another one, the same each time', () => {
    const ids = ['57\u0000', '5'.repeat(1e6), '\ud800', {}, null].map(
      (id) => mapOrder(order({ id })).recordId,
    );
    for (const id of ids) expect(id).toMatch(/^without-id-[0-9a-f]{24}$/);
    expect(mapOrder(order({ id: '57\u0000' })).recordId).toBe(ids[0]);
  });

  it('never throws and never drops a record, whatever it is given', () => {
    const fields = [
      'id',
      'status',
      'payment',
      'line_items',
      'packages',
      'create_time',
      'update_time',
      'user_id',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        const mapped = mapOrder(order({ [field]: value }));
        expect(mapped.recordId).not.toBe('');
        expect(() => JSON.parse(mapped.json)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(mapOrder(value).recordId).not.toBe('');
      }),
    );
  });
});
