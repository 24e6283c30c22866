import type { PersonalFields } from '../../sources/tiktok-shop/streams/orders/personal.ts';

/** A paid order as the sync has stored it. */
export interface PaidOrder {
  orderId: string;
  status: string;
  /** Unix seconds. */
  paidAt: number;
  currency: string;
  /** What the buyer paid in all, as a decimal. */
  totalAmount: string;
  buyerId: string | null;
  isSample: boolean | null;
  contents: readonly PaidContent[];
}

/** Units of one product at one price. */
export interface PaidContent {
  productId: string | null;
  productName: string | null;
  unitPrice: string;
  quantity: number;
}

/** The event that an order becomes, as intake takes it, or why it becomes none. */
export type OrderDecision = { given: Record<string, unknown> } | { leftOut: string };

export const orderEventName = 'PURCHASE';

/** The same for every telling of an order, so that none is counted twice. */
export function orderEventId(orderId: string): string {
  return `tiktok-shop-${orderId}`;
}

/** Most products that an event names. */
const mostContents = 500;

/**
 * What a paid order is told as. A pure function of what is stored.
 *
 * @param personal what is still kept of the buyer; null where nothing is
 * @param destinations null: every one
 */
export function decideOrder(
  order: PaidOrder,
  personal: PersonalFields | null,
  destinations: readonly string[] | null,
): OrderDecision {
  if (order.status === 'CANCELLED') return { leftOut: 'It was cancelled before it was told.' };
  if (order.isSample === true) return { leftOut: 'A sample is no purchase.' };
  if (Number(order.totalAmount) === 0) return { leftOut: 'Nothing was paid for it.' };
  return {
    given: {
      event_name: orderEventName,
      event_id: orderEventId(order.orderId),
      event_time: order.paidAt,
      user: { ...buyerOf(personal), ...(order.buyerId === null ? {} : { external_id: order.buyerId }) },
      properties: {
        value: order.totalAmount,
        currency: order.currency,
        order_id: order.orderId,
        num_items: order.contents.reduce((sum, { quantity }) => sum + quantity, 0),
        contents: order.contents.slice(0, mostContents).map((content) => ({
          content_id: content.productId,
          content_name: content.productName?.slice(0, 500),
          price: content.unitPrice,
          quantity: content.quantity,
        })),
      },
      ...(destinations === null ? {} : { destinations: [...destinations] }),
    },
  };
}

/** TikTok's e-mail addresses of buyers are its own ("anonymised"): they match nobody, and are not passed on. */
function buyerOf(personal: PersonalFields | null): Record<string, string> {
  const { recipient_address: address } = personal ?? {};
  if (typeof address !== 'object' || address === null) return {};
  const recipient = address as Record<string, unknown>;
  const known = Object.entries(fieldsOfAddress).flatMap(([field, name]) => {
    const value = recipient[name];
    if (typeof value !== 'string' || !isShown(value)) return [];
    return [[field, field === 'phone' ? withPlainCode(value) : value]];
  });
  return Object.fromEntries(known);
}

const fieldsOfAddress = {
  phone: 'phone_number',
  first_name: 'first_name',
  last_name: 'last_name',
  zip_code: 'postal_code',
  country: 'region_code',
};

/** TikTok puts the calling code into brackets, `(+1)2025550123`, which nobody reads as one. */
function withPlainCode(phone: string): string {
  return phone.replace(/^\s*\(\s*(\+\d{1,3})\s*\)/, '$1 ');
}

/** TikTok writes asterisks in place of what it does not show. */
function isShown(value: string): boolean {
  return value.trim() !== '' && !value.includes('*');
}
