import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromStripeAmount } from './amounts.ts';
import { readStripeEvent, stripePatience, toConversion } from './event.ts';
import { isSignedByStripe } from './signature.ts';

const body = Buffer.from('{"id":"evt_1","object":"event"}');
const time = 1_754_500_000;
const published = 'a100279e2db80c515a7ace104f4a43196226e85125f70e1801863dfb77ef3658';

const sign = (secret: string, at = time, bytes = body): string =>
  createHmac('sha256', secret).update(`${at}.`).update(bytes).digest('hex');

describe('a signature of Stripe', () => {
  it('is the one of the known example', () => {
    expect(isSignedByStripe(body, `t=${time},v1=${published}`, ['whsec_test'], time)).toBe(true);
  });

  it.each([
    ['several v1 while a secret is rolled', `t=${time},v1=${'0'.repeat(64)},v1=${published}`],
    ['other schemes beside it', `t=${time},v0=abc,v1=${published}`],
    ['spaces', `t=${time}, v1=${published}`],
  ])('may come with %s', (_, header) => {
    expect(isSignedByStripe(body, header, ['whsec_other', 'whsec_test'], time + 299)).toBe(true);
  });

  it.each([
    ['no header', undefined],
    ['nothing', ''],
    ['no time', `v1=${published}`],
    ['no signature', `t=${time}`],
    ['a shorter signature', `t=${time},v1=${published.slice(1)}`],
    ['a longer signature', `t=${time},v1=${published}0`],
    ['the signature as v0', `t=${time},v0=${published}`],
    ['another time', `t=${time + 1},v1=${published}`],
    ['an odd time', `t=1e9,v1=${published}`],
    ['another secret', `t=${time},v1=${sign('whsec_other')}`],
  ])('is not there with %s', (_, header) => {
    expect(isSignedByStripe(body, header, ['whsec_test'], time)).toBe(false);
  });

  it('holds for these bytes only, for a few minutes, and never without a secret', () => {
    const header = `t=${time},v1=${published}`;
    expect(isSignedByStripe(Buffer.from(`${body} `), header, ['whsec_test'], time)).toBe(false);
    expect(isSignedByStripe(body, header, ['whsec_test'], time + 301)).toBe(false);
    expect(isSignedByStripe(body, header, ['whsec_test'], time - 301)).toBe(false);
    expect(isSignedByStripe(body, header, [], time)).toBe(false);
  });
});

describe('an amount of Stripe', () => {
  it.each([
    [2490, 'usd', '24.90'],
    [5, 'eur', '0.05'],
    [0, 'usd', '0.00'],
    [500, 'jpy', '500'],
    [500, 'KRW', '500'],
    [1230, 'kwd', '1.230'],
    [500, 'ugx', '5.00'],
    [9_007_199_254_740_991, 'usd', '90071992547409.91'],
  ])('%d %s is %s', (minor, currency, amount) => {
    expect(fromStripeAmount(minor, currency)).toBe(amount);
  });
});

const receivedAt = new Date((time + 60) * 1_000);

const event = (type: string, object: Record<string, unknown>) => ({
  id: 'evt_1',
  type,
  created: time,
  data: { object },
});

function given(type: string, object: Record<string, unknown>): Record<string, unknown> {
  const made = toConversion(event(type, object), receivedAt);
  if ('ignored' in made) throw new Error(made.ignored);
  return made.given;
}

const checkout = {
  id: 'cs_1',
  payment_status: 'paid',
  amount_total: 4900,
  currency: 'usd',
  client_reference_id: 'user-7',
  customer_details: {
    email: 'jo@example.com',
    name: 'Jo Ann Doe',
    address: { city: 'Lyon', postal_code: '69001', country: 'FR' },
  },
  metadata: { ttclid: 'E.1', event_id: 'pixel-9', page_url: 'https://shop.example/pay', colour: 'red' },
};

describe('an event of Stripe', () => {
  it('becomes a purchase, with what the site has put into the metadata', () => {
    expect(given('checkout.session.completed', checkout)).toEqual({
      event_id: 'pixel-9',
      event_name: 'PURCHASE',
      event_time: time,
      user: expect.objectContaining({
        email: 'jo@example.com',
        first_name: 'Jo',
        last_name: 'Ann Doe',
        city: 'Lyon',
        zip_code: '69001',
        country: 'FR',
        external_id: 'user-7',
        ttclid: 'E.1',
      }),
      page: { url: 'https://shop.example/pay' },
      properties: { value: '49.00', currency: 'usd', order_id: 'cs_1' },
    });
  });

  it('is one purchase, however often a subscription is told of', () => {
    const first = { id: 'in_1', billing_reason: 'subscription_create', amount_paid: 900, currency: 'usd' };
    const ids = [
      given('checkout.session.completed', { ...checkout, subscription: 'sub_1', metadata: {} }),
      given('invoice.paid', { ...first, subscription: 'sub_1' }),
      given('invoice.paid', { ...first, parent: { subscription_details: { subscription: 'sub_1' } } }),
      given('customer.subscription.created', { id: 'sub_1', status: 'active' }),
    ].map((one) => one.event_id);
    expect(ids).toEqual(['sub_1', 'sub_1', 'sub_1', 'sub_1']);
  });

  it('is a purchase of its own for each renewal, also when the first had an id of the site', () => {
    const renewal = {
      id: 'in_2',
      billing_reason: 'subscription_cycle',
      amount_paid: 900,
      currency: 'jpy',
      subscription: 'sub_1',
      subscription_details: { metadata: { event_id: 'pixel-9', ttclid: 'E.1' } },
    };
    expect(given('invoice.paid', renewal)).toMatchObject({
      event_id: 'in_2',
      user: { ttclid: 'E.1' },
      properties: { value: '900', currency: 'jpy' },
    });
  });

  it('has its first purchase told by whoever knows most', () => {
    const of = (type: string, object: Record<string, unknown>) => stripePatience(event(type, object));
    expect(of('checkout.session.completed', checkout)).toBe(0);
    expect(of('invoice.paid', { billing_reason: 'subscription_cycle' })).toBe(0);
    expect(of('customer.subscription.created', {})).toBeGreaterThan(
      of('invoice.paid', { billing_reason: 'subscription_create' }),
    );
  });

  it('is what the metadata say, where asked', () => {
    const metadata = { 'Event-Name': 'INITIATE_CHECKOUT' };
    expect(given('customer.subscription.created', { id: 'sub_1', metadata }).event_name).toBe(
      'INITIATE_CHECKOUT',
    );
  });

  it.each([
    ['checkout.session.completed', { id: 'cs_1', payment_status: 'unpaid' }],
    ['invoice.paid', { id: 'in_1', amount_paid: 0, currency: 'usd' }],
    ['customer.subscription.created', { id: 'sub_1', status: 'incomplete' }],
    ['charge.refunded', { id: 'ch_1' }],
  ])('is none: %s %j', (type, object) => {
    expect(toConversion(event(type, object), receivedAt)).toEqual({ ignored: expect.any(String) });
  });

  it('that says no more than its id is read, and nothing is made of it', () => {
    const least = readStripeEvent(body);
    expect(least).toMatchObject({ id: 'evt_1', type: 'unknown' });
    if (least !== null) expect(toConversion(least, receivedAt)).toEqual({ ignored: expect.any(String) });
  });

  it('that tells no time was when it came', () => {
    const untimed = { ...event('checkout.session.completed', checkout), created: null };
    expect(toConversion(untimed, receivedAt)).toMatchObject({ given: { event_time: time + 60 } });
  });

  it.each(['', 'text', '[]', '{}', '{"id": 5}', `${'['.repeat(100_000)}`, '{"id":"evt_1","data":5}'])(
    'is not read from %#',
    (text) => {
      expect(readStripeEvent(Buffer.from(text))).toBeNull();
    },
  );
});
