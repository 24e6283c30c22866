import type { Catalogue } from './catalogue.ts';

/** The words in which the parts of the simulator talk about an order. */

/** TikTok's order statuses, in the order of an order's life; a status is kept as its place in this list. */
const statusNames: string[] = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
];

export const UNPAID = 0;
export const ON_HOLD = 1;
export const AWAITING_SHIPMENT = 2;
export const PARTIALLY_SHIPPING = 3;
export const AWAITING_COLLECTION = 4;
export const IN_TRANSIT = 5;
export const DELIVERED = 6;
export const COMPLETED = 7;
export const CANCELLED = 8;

export function statusName(code: number): string {
  return statusNames[code] ?? 'UNPAID';
}

/** The number of a status; one that the platform does not document (in an order file) gets a number of its own. */
export function statusCode(name: string): number {
  const known = statusNames.indexOf(name);
  if (known >= 0) return known;
  return statusNames.push(name) - 1;
}

/** Whether the platform documents the status: others are refused as a filter. */
export function isStatusName(name: string): boolean {
  const code = statusNames.indexOf(name);
  return code >= 0 && code <= CANCELLED;
}

export const poisonKinds = [
  'money_exponent',
  'money_grouped',
  'money_negative',
  'payment_missing',
  'lines_retyped',
  'line_price_text',
  'nul_in_name',
  'lone_surrogate',
  'emoji',
  'integer_ids',
  'new_fields',
  'new_status',
  /** A product name of a million characters. */
  'huge_title',
  /** Ten thousand lines; those added cost nothing. */
  'many_lines',
  /** Recognisable texts in every personal field, and in new ones at all levels. */
  'canaries',
] as const;
export type PoisonKind = (typeof poisonKinds)[number];

const storable = new Set<PoisonKind>([
  'nul_in_name',
  'lone_surrogate',
  'emoji',
  'integer_ids',
  'new_fields',
  'new_status',
  'huge_title',
  'many_lines',
  'canaries',
]);

/** Whether an order so poisoned can only be set aside, as opposed to stored with care. */
export function mustBeQuarantined(kind: PoisonKind): boolean {
  return !storable.has(kind);
}

/** Lines of an order that was poisoned with `many_lines`. */
export const manyLines = 10_000;

export type Milestone =
  | 'paid'
  | 'release'
  | 'partial'
  | 'rts'
  | 'collection'
  | 'delivery'
  | 'completed'
  | 'cancel';

/** What happened to an order after it was generated or read. */
export interface OrderChanges {
  /** Counts the changes, so that each one differs from the last. */
  version: number;
  times: Partial<Record<Milestone, number>>;
  /** The status that a cancelled order had before. */
  reached?: number;
  cancelInitiator?: 'BUYER' | 'SELLER' | 'SYSTEM';
  trackingNumber?: string;
  sellerNote?: string;
  masked?: boolean;
  poison?: PoisonKind;
}

export interface OrderState {
  status: number;
  /** Unix seconds. */
  createTime: number;
  /** Unix seconds. */
  updateTime: number;
  changes: OrderChanges | undefined;
}

/** What the truth export says of an order, money as the text that is served. */
export interface OrderFacts {
  id: string;
  status: string;
  createTime: number;
  updateTime: number;
  currency: string | null;
  totalAmount: string | null;
  subTotal: string | null;
  lineCount: number;
  lineSum: string;
  trackingNumber: string;
}

/** What the less usual search filters look at. */
export interface OrderTraits {
  shippingType: string;
  buyerUserId: string;
  warehouseId: string;
  buyerRequestedCancel: boolean;
}

/** An order as a sale, which is what analytics count. Times are Unix seconds, 0 where it never came to that. */
export interface OrderSale {
  paidTime: number;
  cancelTime: number;
  buyer: string;
  lines: SaleLine[];
}

/** One unit sold; money in the shop's minor units. */
export interface SaleLine {
  /** Number in the source's catalogue. */
  sku: number;
  /** What was paid for it: after both discounts, without tax and shipping. */
  amount: number;
  platformDiscount: number;
  tax: number;
}

/** Orders that can be described and rendered at any time from their number and state. */
export interface OrderSource {
  readonly count: number;
  /** What its orders can hold. */
  readonly catalogue: Catalogue;
  id(index: number): string;
  /** The order's number, or -1. */
  indexOf(id: string): number;
  /** The state in which the shop starts. */
  initial(index: number): OrderState;
  traits(index: number, state: OrderState): OrderTraits;
  facts(index: number, state: OrderState): OrderFacts;
  sale(index: number, state: OrderState): OrderSale;
  /** The order as TikTok's JSON text, in pieces. */
  render(index: number, state: OrderState): string[];
}
