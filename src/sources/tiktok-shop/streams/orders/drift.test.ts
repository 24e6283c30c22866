import { describe, expect, it } from 'vitest';
import { mapOrders } from './map.ts';

function order(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '576460000000000001',
    status: 'COMPLETED',
    user_id: '7494900000000000001',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    shipping_type: 'SELLER',
    is_cod: false,
    payment: { currency: 'USD', total_amount: '12.34' },
    line_items: [line(), line()],
    packages: [{ id: 'p1' }],
    recipient_address: { name: 'Some One', phone_number: '(+1)2025550100' },
    ...changes,
  };
}

function line(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: '1', sku_id: '11', product_id: '111', sale_price: '6.17', ...changes };
}

const driftOf = (...orders: unknown[]) => mapOrders(orders).drift;

describe('drift', () => {
  it('is none in orders as they are documented, with empty and absent fields', () => {
    expect(
      driftOf(
        order(),
        order({ shipping_type: '', delivery_time: null, tracking_number: '', user_id: '' }),
        order(),
      ),
    ).toEqual([]);
  });

  it.each([
    [{ hologram: { version: 3, layers: [{ kind: 'foil' }] } }, 'unknown', 'hologram'],
    [{ status: 'AWAITING_TELEPORT' }, 'new_value', 'status'],
    [{ user_id: null }, 'missing', 'user_id'],
    [{ user_id: undefined }, 'missing', 'user_id'],
    [{ user_id: 7 }, 'retyped', 'user_id'],
    [{ create_time: '1700000000' }, 'retyped', 'create_time'],
    [{ is_cod: 'yes' }, 'retyped', 'is_cod'],
    [{ payment: null }, 'missing', 'payment'],
    [{ payment: [] }, 'retyped', 'payment'],
    [{ payment: 'free' }, 'retyped', 'payment'],
    [{ line_items: { 0: line() } }, 'retyped', 'line_items'],
    [{ line_items: [7, line()] }, 'retyped', 'line_items[]'],
    [{ payment: { currency: 'USD' } }, 'missing', 'payment.total_amount'],
    [{ line_items: [line({ scent: null })] }, 'unknown', 'line_items[].scent'],
    [{ line_items: [line({ sku_id: null })] }, 'missing', 'line_items[].sku_id'],
    [{ line_items: [line({ package_status: 'LOST' })] }, 'new_value', 'line_items[].package_status'],
    [{ packages: [{}] }, 'missing', 'packages[].id'],
    [{ recipient_address: 'Some Street 1' }, 'retyped', 'recipient_address'],
  ])('sees what is not as documented in %j', (changes, kind, path) => {
    const changed = JSON.parse(JSON.stringify(order(changes))) as unknown;
    expect(driftOf(order(), changed).map((finding) => [finding.kind, finding.path])).toEqual([[kind, path]]);
  });

  it('counts a finding of a page once for each time, with few samples', () => {
    const orders = ['A1', 'B2', 'C3', 'D4', 'E5', 'F6', 'A1'].map((status) => order({ status }));
    expect(driftOf(...orders)).toEqual([
      { kind: 'new_value', path: 'status', samples: ['A1', 'B2', 'C3', 'D4', 'E5'], count: 7 },
    ]);
  });

  it('tells shapes and no values', () => {
    const secrets = ['someone@example.test', 'Some One', '2025550100', 'Elm Street'];
    const found = JSON.stringify(
      driftOf(
        order({
          hologram: { owner: 'Some One', 'someone@example.test': 1, deep: [{ street: 'Elm Street' }] },
          'someone@example.test': 'Elm Street',
          recipient_address: 'Elm Street, Some One',
          status: 'Some One',
          is_cod: '2025550100',
          user_id: { name: 'Some One' },
          line_items: [line({ scent: 'Some One' }), 'Elm Street'],
        }),
        'someone@example.test',
      ),
    );
    for (const secret of secrets) expect(found).not.toContain(secret);
    expect(found).toContain('object {owner: text, (name not shown): whole number, deep: list of object');
  });

  it('ends, whatever a hostile upstream names its fields', () => {
    const hostile = Array.from({ length: 2_000 }, (_, index) => order({ [`field_${index}`]: index }));
    expect(driftOf(...hostile).length).toBeLessThanOrEqual(200);
  });
});

describe('personal fields', () => {
  it('are taken out wherever their names say so, and of an unknown field with all that is in it', () => {
    const { records } = mapOrders([
      order({
        pick_up: { person: { mobile: '2025550100' } },
        line_items: [line(), line({ gift_recipient_name: 'Some One' })],
      }),
    ]);
    const [mapped] = records;
    if (mapped?.kind !== 'order') throw new Error('The order was not taken.');
    expect(mapped.json).not.toMatch(/Some One|2025550100/);
    expect(mapped.personal).toEqual({
      recipient_address: { name: 'Some One', phone_number: '(+1)2025550100' },
      pick_up: { person: { mobile: '2025550100' } },
      'line_items[1].gift_recipient_name': 'Some One',
    });
  });

  it('are taken out of lists in lists, each under its own place', () => {
    const taxed = (email: string) => line({ item_tax: [{ tax_type: 'SALES_TAX' }, { payer_email: email }] });
    const { records } = mapOrders([
      order({
        order_rights: [{ holder_name: 'Some One' }],
        line_items: [taxed('a@example.test'), taxed('b@example.test')],
      }),
    ]);
    const [mapped] = records;
    if (mapped?.kind !== 'order') throw new Error('The order was not taken.');
    expect(mapped.json).not.toMatch(/Some One|example\.test/);
    expect(mapped.json).toContain('SALES_TAX');
    expect(mapped.personal).toMatchObject({
      order_rights: [{ holder_name: 'Some One' }],
      'line_items[0].item_tax[1].payer_email': 'a@example.test',
      'line_items[1].item_tax[1].payer_email': 'b@example.test',
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an object in place of a list', { line_items: line({ gift_recipient_name: 'Some One' }) }],
    ['a list in place of an object', { payment: [{ payer_name: 'Some One' }] }],
    ['a list within a list', { line_items: [[line({ gift_recipient_name: 'Some One' })]] }],
    ['an object in place of a text', { tracking_number: { contact_phone: 'Some One' } }],
  ])('are taken out of an order that is set aside: %s', (_, fields) => {
    const { records } = mapOrders([order(fields)]);
    expect(records[0]).toMatchObject({ kind: 'quarantined', json: expect.not.stringContaining('Some One') });
  });

  it('are kept as they came when they have another type', () => {
    const retyped = { buyer_email: { name: 'Some One' }, recipient_address: [{ name: 'Some One' }] };
    const { records } = mapOrders([order(retyped)]);
    expect(records[0]).toMatchObject({ kind: 'order', personal: retyped });
    expect(records[0]?.json).not.toContain('Some One');
  });
});
