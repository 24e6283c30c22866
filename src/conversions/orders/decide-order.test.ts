import { describe, expect, it } from 'vitest';
import { parseSourceEvent } from '../parse-source-event.ts';
import { decideOrder, type PaidOrder } from './decide-order.ts';

const order: PaidOrder = {
  orderId: '576461413038785752',
  status: 'AWAITING_SHIPMENT',
  paidAt: 1_763_700_000,
  currency: 'USD',
  totalAmount: '24.90',
  buyerId: '7494560',
  isSample: false,
  contents: [
    { productId: '1729', productName: 'Salt Travel Mug', unitPrice: '9.95', quantity: 2 },
    { productId: null, productName: null, unitPrice: '5.00', quantity: 1 },
  ],
};

const personal = {
  buyer_email: 'v4b7494560@scs.tiktok.invalid',
  recipient_address: {
    name: 'Kim Harbour',
    first_name: 'Kim',
    last_name: 'Harbour',
    phone_number: '(+1)2025550123',
    postal_code: '20500',
    region_code: 'US',
    full_address: '1 Quay',
  },
};

const given = (changes: Partial<PaidOrder> = {}, fields: object | null = personal) =>
  decideOrder({ ...order, ...changes }, fields as never, null);

describe('decideOrder', () => {
  it('tells of an order as a purchase that intake takes as it is', () => {
    const decision = given();
    if ('leftOut' in decision) throw new Error(decision.leftOut);
    const event = parseSourceEvent(decision.given, order.paidAt + 60);
    expect(event).toEqual({
      leftOut: [],
      parsed: {
        destinations: null,
        event: {
          event_name: 'PURCHASE',
          event_id: 'tiktok-shop-576461413038785752',
          event_time: 1_763_700_000,
          medium: 'web',
          user: {
            phone: ['+1 2025550123'],
            first_name: 'Kim',
            last_name: 'Harbour',
            zip_code: '20500',
            country: 'US',
            external_id: ['7494560'],
          },
          page: {},
          properties: {
            value: 24.9,
            currency: 'USD',
            order_id: '576461413038785752',
            num_items: 3,
            contents: [
              { content_id: '1729', content_name: 'Salt Travel Mug', price: 9.95, quantity: 2 },
              { price: 5, quantity: 1 },
            ],
          },
        },
      },
    });
  });

  it('passes on nothing that TikTok masks, and no address of TikTok’s own', () => {
    const masked = { ...personal, recipient_address: { first_name: 'K**', phone_number: '(+1)202*****23' } };
    for (const fields of [masked, null, {}, { recipient_address: 'odd' }, { recipient_address: [7] }]) {
      expect(given({}, fields)).toMatchObject({ given: { user: { external_id: '7494560' } } });
      expect(JSON.stringify(given({}, fields))).not.toMatch(/\*|@/);
    }
    expect(given({ buyerId: null }, null)).toMatchObject({ given: { user: {} } });
  });

  it.each([
    [{ status: 'CANCELLED' }, 'It was cancelled before it was told.'],
    [{ isSample: true }, 'A sample is no purchase.'],
    [{ totalAmount: '0.00' }, 'Nothing was paid for it.'],
  ])('leaves out %j', (changes, leftOut) => {
    expect(given(changes)).toEqual({ leftOut });
  });

  it('names the destinations that were chosen, and no more products than an event holds', () => {
    const contents = Array.from({ length: 501 }, () => ({
      ...{ productId: '1', productName: 'x'.repeat(900), unitPrice: '1', quantity: 1 },
    }));
    const decision = decideOrder({ ...order, contents }, null, ['meta']);
    if ('leftOut' in decision) throw new Error(decision.leftOut);
    expect(parseSourceEvent(decision.given, order.paidAt)).toMatchObject({
      leftOut: [],
      parsed: { destinations: ['meta'], event: { properties: { num_items: 501 } } },
    });
  });
});
