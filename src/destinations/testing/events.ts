import type { ConversionEvent } from '../../conversions/types.ts';

/** A purchase on a page by somebody who is known well. */
export const purchase: ConversionEvent = {
  event_name: 'PURCHASE',
  event_id: 'order-1001',
  event_time: 1_795_000_000,
  medium: 'web',
  user: {
    email: [' Anna.Berg@Example.COM '],
    phone: ['415.555.2671'],
    external_id: [' 7001884 '],
    first_name: ' JOSÉ ',
    last_name: "O'Neil",
    city: 'St. Louis',
    state: 'MO',
    zip_code: '114 55',
    country: 'US',
    ip: '198.51.100.7',
    user_agent: 'Mozilla/5.0',
    ttclid: 'E.C.P.AbC',
    ttp: '2Qx',
    fbc: 'fb.1.1794000000000.IwAR0',
    fbp: 'fb.1.1794000000000.123',
    gclid: 'Cj0KCQ',
  },
  page: { url: 'https://shop.example.com/thanks', referrer: 'https://shop.example.com/cart' },
  properties: {
    value: 49.9,
    currency: 'usd',
    order_id: '1001',
    contents: [{ content_id: 'sku-1', content_name: 'Mug', price: 24.95, quantity: 2 }],
  },
};

/** The purchase with some of it changed; `undefined` takes a field of the user away. */
export function purchaseWith(
  changes: Partial<Omit<ConversionEvent, 'user'>> & { user?: object },
): ConversionEvent {
  const user = Object.fromEntries(
    Object.entries({ ...purchase.user, ...changes.user }).filter(([, value]) => value !== undefined),
  );
  return { ...purchase, ...changes, user };
}

/** The purchase with nothing known of the person but this. */
export function purchaseOf(user: ConversionEvent['user']): ConversionEvent {
  return { ...purchase, user };
}
