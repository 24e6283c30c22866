import { z } from 'zod';
import { readAttribution } from '../attribution.ts';
import { fromStripeAmount } from './amounts.ts';

/** What of Stripe's events is read; everything else passes by. */
const optionalText = z.string().nullish();
const amount = z.int().nullish();
const metadata = z.record(z.string(), z.unknown()).nullish();
const reference = z
  .union([z.string(), z.looseObject({ id: z.string() }).transform(({ id }) => id)])
  .nullish();

const address = z
  .looseObject({ city: optionalText, state: optionalText, postal_code: optionalText, country: optionalText })
  .nullish();

const checkoutSession = z.looseObject({
  id: z.string(),
  payment_status: optionalText,
  amount_total: amount,
  currency: optionalText,
  subscription: reference,
  client_reference_id: optionalText,
  customer_details: z
    .looseObject({ email: optionalText, phone: optionalText, name: optionalText, address })
    .nullish(),
  customer_email: optionalText,
  metadata,
});

const price = z
  .looseObject({ id: optionalText, product: reference, unit_amount: amount, currency: optionalText })
  .nullish();
const line = z.looseObject({ description: optionalText, quantity: amount, price });

const invoice = z.looseObject({
  id: z.string(),
  amount_paid: amount,
  currency: optionalText,
  billing_reason: optionalText,
  customer_email: optionalText,
  customer_phone: optionalText,
  customer_name: optionalText,
  customer_address: address,
  subscription: reference,
  parent: z
    .looseObject({ subscription_details: z.looseObject({ subscription: reference, metadata }).nullish() })
    .nullish(),
  subscription_details: z.looseObject({ metadata }).nullish(),
  lines: z.looseObject({ data: z.array(line) }).nullish(),
  metadata,
});

const subscription = z.looseObject({
  id: z.string(),
  status: optionalText,
  currency: optionalText,
  items: z.looseObject({ data: z.array(line) }).nullish(),
  metadata,
});

/** Only what tells an event apart is demanded: a signed one is kept, even where nothing can be made of it. */
const stripeEvent = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255).default('unknown'),
  created: z.int().nonnegative().nullish(),
  data: z.looseObject({ object: z.looseObject({}).default({}) }).default({ object: {} }),
});

export type StripeEvent = z.output<typeof stripeEvent>;

/** An event in the form of `POST /api/v1/conversions`, or why there is none. */
export type StripeConversion = { given: Record<string, unknown> } | { ignored: string };

/** Null when it is no event of Stripe's. */
export function readStripeEvent(body: Buffer): StripeEvent | null {
  try {
    const result = stripeEvent.safeParse(JSON.parse(body.toString('utf8')));
    return result.success ? result.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * One purchase of a subscription is told three times, in any order: by its checkout, which knows the customer, by its
 * first invoice, and by the subscription itself, which knows the least. All three become the same event, and the first
 * to be worked on stays, so the poorer ones wait for the richer. Milliseconds.
 */
export function stripePatience({ type, data }: StripeEvent): number {
  if (type === 'customer.subscription.created') return 10_000;
  return type === 'invoice.paid' && data.object.billing_reason === 'subscription_create' ? 5_000 : 0;
}

/**
 * The conversion that an event tells of. Attribution, `event_id` and `event_name` (such as `INITIATE_CHECKOUT`) come
 * from the metadata of the checkout or the subscription.
 *
 * @param receivedAt when it came, which stands for the time of an event that tells none
 * @throws z.ZodError when the object is not what Stripe documents for this type
 */
export function toConversion({ type, data, ...event }: StripeEvent, receivedAt: Date): StripeConversion {
  const created = event.created ?? Math.floor(receivedAt.getTime() / 1_000);
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return ofCheckout(checkoutSession.parse(data.object), created);
    case 'invoice.paid':
      return ofInvoice(invoice.parse(data.object), created);
    case 'customer.subscription.created':
      return ofSubscription(subscription.parse(data.object), created);
    default:
      return { ignored: `No conversion is made of ${type.slice(0, 100)}.` };
  }
}

function ofCheckout(session: z.output<typeof checkoutSession>, created: number): StripeConversion {
  if (session.payment_status === 'unpaid') return { ignored: 'The checkout is not paid yet.' };
  const customer = session.customer_details;
  return conversion({
    created,
    id: session.subscription ?? session.id,
    metadata: session.metadata,
    user: {
      email: customer?.email ?? session.customer_email,
      phone: customer?.phone,
      ...nameParts(customer?.name),
      ...addressParts(customer?.address),
      external_id: session.client_reference_id,
    },
    properties: { ...money(session.amount_total, session.currency), order_id: session.id },
  });
}

function ofInvoice(paid: z.output<typeof invoice>, created: number): StripeConversion {
  if (paid.amount_paid === 0) return { ignored: 'Nothing was paid with this invoice.' };
  const details = paid.parent?.subscription_details;
  const first =
    paid.billing_reason === 'subscription_create' ? (paid.subscription ?? details?.subscription) : null;
  return conversion({
    created,
    id: first ?? paid.id,
    // The id of the first purchase is not that of every renewal.
    metadata: {
      ...details?.metadata,
      ...paid.subscription_details?.metadata,
      ...(first ? {} : { event_id: null }),
      ...paid.metadata,
    },
    user: {
      email: paid.customer_email,
      phone: paid.customer_phone,
      ...nameParts(paid.customer_name),
      ...addressParts(paid.customer_address),
    },
    properties: {
      ...money(paid.amount_paid, paid.currency),
      order_id: paid.id,
      contents: contentsOf(paid.lines?.data, paid.currency),
    },
  });
}

function ofSubscription(made: z.output<typeof subscription>, created: number): StripeConversion {
  const unpaid = ['incomplete', 'incomplete_expired', 'past_due', 'unpaid', 'paused', 'canceled'];
  if (unpaid.includes(made.status ?? '')) return { ignored: `The subscription is ${made.status}.` };
  const items = made.items?.data ?? [];
  const total = items.reduce((sum, item) => sum + (item.price?.unit_amount ?? 0) * (item.quantity ?? 1), 0);
  const currency = made.currency ?? items[0]?.price?.currency;
  return conversion({
    created,
    id: made.id,
    metadata: made.metadata,
    user: {},
    properties: {
      ...money(made.status === 'trialing' ? 0 : total, currency),
      order_id: made.id,
      contents: contentsOf(items, currency),
    },
  });
}

function conversion(options: {
  created: number;
  id: string;
  metadata: Record<string, unknown> | null | undefined;
  user: Record<string, string | null | undefined>;
  properties: Record<string, unknown>;
}): StripeConversion {
  const { event_id, event_name, user, page } = readAttribution(Object.entries(options.metadata ?? {}));
  return {
    given: {
      event_id: event_id ?? options.id,
      event_name: event_name ?? 'PURCHASE',
      event_time: options.created,
      user: { ...options.user, ...user },
      page,
      properties: options.properties,
    },
  };
}

function money(minor: number | null | undefined, currency: string | null | undefined): object {
  if (minor === null || minor === undefined || !currency) return {};
  return { value: fromStripeAmount(Math.max(0, minor), currency), currency };
}

function contentsOf(
  lines: readonly z.output<typeof line>[] | undefined,
  currency: string | null | undefined,
): object[] {
  return (lines ?? []).flatMap(({ price: of, quantity, description }) => {
    const id = of?.product ?? of?.id;
    if (!id) return [];
    const unit = of?.unit_amount;
    const code = of?.currency ?? currency;
    const cost = unit != null && unit >= 0 && code ? { price: fromStripeAmount(unit, code) } : {};
    return [{ content_id: id, content_name: description, quantity, ...cost }];
  });
}

function nameParts(name: string | null | undefined): { first_name?: string; last_name?: string } {
  const words = (name ?? '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length < 2) return words[0] === undefined ? {} : { first_name: words[0] };
  return { first_name: words[0] as string, last_name: words.slice(1).join(' ') };
}

function addressParts(of: z.output<typeof address>): Record<string, string | null | undefined> {
  return { city: of?.city, state: of?.state, zip_code: of?.postal_code, country: of?.country };
}
