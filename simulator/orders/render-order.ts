import { formatMinor } from '../money.ts';
import { flat } from './flat.ts';
import { type LineBuffer, lineTax, type OrderTotals } from './line-buffer.ts';
import { type LifePlan, shownTimes } from './milestones.ts';
import {
  AWAITING_COLLECTION,
  CANCELLED,
  COMPLETED,
  IN_TRANSIT,
  ON_HOLD,
  type OrderState,
  statusName,
} from './order-source.ts';
import type { RecipientText, ShopProfile } from './shop-profile.ts';

/** Everything that one order is made of, before it becomes JSON. */
export interface OrderParts {
  id: string;
  /** The order's number in eight digits: the middle of its line and package ids. */
  numberText: string;
  state: OrderState;
  plan: LifePlan;
  profile: ShopProfile;
  recipient: RecipientText;
  buyerUserId: string;
  sellerShipping: boolean;
  warehouseId: string;
  deliveryOption: { id: string; name: string };
  provider: { id: string; name: string };
  /** Shown once the order is with the carrier. */
  trackingNumber: string;
  paymentMethod: string;
  buyerMessage: string;
  cancelInitiator: 'BUYER' | 'SELLER' | 'SYSTEM';
  lines: LineBuffer;
  totals: OrderTotals;
  taxBasisPoints: number;
  originalShippingFee: number;
  isSample: boolean;
}

const cancelReasons = {
  BUYER: 'Buyer changed their mind',
  SELLER: 'Out of stock',
  SYSTEM: 'Order was not paid in time',
};

/** Longer texts cost more a character: V8 joins small ropes in its young generation and big ones outside of it. */
const linesAPiece = 6;

/** Whether an order in this state shows a tracking number. */
export function showsTracking(reached: number): boolean {
  return reached >= AWAITING_COLLECTION;
}

/**
 * The order in TikTok's field tree (facts, section 3), as pieces of text. Concatenation of ready fragments is several times
 * faster than building an object and serialising it, and the simulator must never be what a measurement waits for.
 */
export function renderOrder(parts: OrderParts): string[] {
  const { state, profile, totals, id, provider } = parts;
  const decimals = profile.region.decimals;
  const times = shownTimes(parts.plan, state);
  const status = statusName(state.status);
  const cancelled = state.status === CANCELLED;
  const tracking = showsTracking(times.reached)
    ? (state.changes?.trackingNumber ?? parts.trackingNumber)
    : (state.changes?.trackingNumber ?? '');
  const created = state.createTime;
  const shipBy = (times.paid > 0 ? times.paid : created) + 172_800;
  const maskedByRule = !parts.sellerShipping;
  const masked = state.changes?.masked ?? maskedByRule;
  const recipient =
    times.reached <= ON_HOLD
      ? parts.recipient.early
      : masked
        ? parts.recipient.masked
        : parts.recipient.plain;
  const initiator = state.changes?.cancelInitiator ?? parts.cancelInitiator;
  const packageId = `1153${profile.digits}${parts.numberText}0001`;
  const shipping = formatMinor(totals.shippingFee, decimals);
  const zero = formatMinor(0, decimals);
  const currency = profile.region.currency;
  const taxText = formatMinor(totals.tax, decimals);
  const head =
    `{"id":"${id}","status":"${status}","order_type":"NORMAL","commerce_platform":"TIKTOK_SHOP","user_id":"${parts.buyerUserId}",` +
    `"buyer_email":"v4b${parts.buyerUserId}@scs.tiktok.invalid","buyer_message":${parts.buyerMessage},${parts.recipient.buyer},` +
    `"seller_note":${JSON.stringify(state.changes?.sellerNote ?? '')},` +
    `"create_time":${created},"update_time":${state.updateTime},` +
    (times.paid > 0 ? `"paid_time":${times.paid},` : '') +
    (times.rts > 0 ? `"rts_time":${times.rts},` : '') +
    (times.collection > 0 ? `"collection_time":${times.collection},` : '') +
    (times.delivery > 0 ? `"delivery_time":${times.delivery},` : '') +
    (times.cancel > 0
      ? `"cancel_time":${times.cancel},"cancellation_initiator":"${initiator}","cancel_reason":"${cancelReasons[initiator]}",`
      : '') +
    (cancelled && initiator === 'BUYER' ? `"request_cancel_time":${times.cancel},` : '') +
    `"rts_sla_time":${shipBy},"tts_sla_time":${shipBy + 86_400},"cancel_order_sla_time":${shipBy + 432_000},` +
    `"shipping_due_time":${shipBy},"delivery_due_time":${shipBy + 864_000},` +
    `"recommended_shipping_time":${shipBy - 86_400},` +
    `"fulfillment_type":"FULFILLMENT_BY_SELLER","shipping_type":"${parts.sellerShipping ? 'SELLER' : 'TIKTOK'}","delivery_type":"HOME_DELIVERY",` +
    `"delivery_option_id":"${parts.deliveryOption.id}","delivery_option_name":"${parts.deliveryOption.name}",` +
    `"shipping_provider":"${tracking === '' ? '' : provider.name}","shipping_provider_id":"${tracking === '' ? '' : provider.id}",` +
    `"tracking_number":${JSON.stringify(tracking)},"warehouse_id":"${parts.warehouseId}",` +
    (times.reached > ON_HOLD ? `"packages":[{"id":"${packageId}"}],` : '"packages":[],') +
    `"handling_duration":{"days":"2","type":"BUSINESS_DAY"},"fulfillment_priority_level":0,` +
    `"is_buyer_request_cancel":${cancelled && initiator === 'BUYER'},"is_cod":${parts.paymentMethod === 'Cash on delivery'},` +
    `"is_on_hold_order":${state.status === ON_HOLD},"is_sample_order":${parts.isSample},"is_refundable_sample":false,` +
    `"is_replacement_order":false,` +
    `"has_updated_recipient_address":false,"authentication_required":false,"need_upload_invoice":"NO_NEED",` +
    `"payment_method_name":"${parts.paymentMethod}",` +
    `"payment":{"currency":"${currency}","sub_total":"${formatMinor(totals.subTotal, decimals)}","shipping_fee":"${shipping}",` +
    `"seller_discount":"${formatMinor(totals.sellerDiscount, decimals)}","platform_discount":"${formatMinor(totals.platformDiscount, decimals)}",` +
    `"total_amount":"${formatMinor(totals.total, decimals)}","original_total_product_price":"${formatMinor(totals.original, decimals)}",` +
    `"original_shipping_fee":"${formatMinor(parts.originalShippingFee, decimals)}",` +
    `"shipping_fee_seller_discount":"${zero}","shipping_fee_platform_discount":"${formatMinor(parts.originalShippingFee - totals.shippingFee, decimals)}",` +
    `"shipping_fee_cofunded_discount":"${zero}","tax":"${taxText}","product_tax":"${taxText}","shipping_fee_tax":"${zero}"},` +
    `"recipient_address":${recipient},"line_items":[`;
  return renderLines(head, parts, times, tracking, packageId);
}

function renderLines(
  head: string,
  parts: OrderParts,
  times: ReturnType<typeof shownTimes>,
  tracking: string,
  packageId: string,
): string[] {
  const { lines, profile, state, taxBasisPoints } = parts;
  const decimals = profile.region.decimals;
  const cancelled = state.status === CANCELLED;
  const packageStatus = cancelled
    ? 'CANCELLED'
    : state.status >= COMPLETED
      ? 'COMPLETED'
      : state.status >= IN_TRANSIT
        ? 'FULFILLING'
        : state.status >= AWAITING_COLLECTION
          ? 'PROCESSING'
          : 'TO_FULFILL';
  const initiator = state.changes?.cancelInitiator ?? parts.cancelInitiator;
  const tail = flat(
    `"currency":"${profile.region.currency}","display_status":"${statusName(state.status)}",` +
      (times.reached > ON_HOLD
        ? `"package_id":"${packageId}","package_status":"${packageStatus}",`
        : '"package_id":"",') +
      `"tracking_number":${JSON.stringify(tracking)},"shipping_provider_id":"${tracking === '' ? '' : parts.provider.id}",` +
      `"shipping_provider_name":"${tracking === '' ? '' : parts.provider.name}",` +
      (times.rts > 0 ? `"rts_time":${times.rts},` : '') +
      `"cancel_user":"${cancelled ? initiator : ''}","cancel_reason":"${cancelled ? cancelReasons[initiator] : ''}"}`,
  );
  const rate = (taxBasisPoints / 10_000).toFixed(4);
  const pieces: string[] = [];
  let text = head;
  for (let at = 0; at < lines.count; at += 1) {
    const sale = lines.sale[at] ?? 0;
    const tax =
      taxBasisPoints === 0
        ? ''
        : `"item_tax":[{"tax_type":"SALES_TAX","tax_amount":"${formatMinor(lineTax(sale, taxBasisPoints), decimals)}","tax_rate":"${rate}"}],`;
    text +=
      `${at === 0 ? '{"id":"' : ',{"id":"'}577${profile.digits}${parts.numberText}${10_000 + at}",${lines.products[at]}` +
      `"sale_price":"${formatMinor(sale, decimals)}","original_price":"${formatMinor(lines.original[at] ?? 0, decimals)}",` +
      `"seller_discount":"${formatMinor(lines.sellerDiscount[at] ?? 0, decimals)}",` +
      `"platform_discount":"${formatMinor(lines.platformDiscount[at] ?? 0, decimals)}",${tax}${tail}`;
    if (at % linesAPiece === linesAPiece - 1) {
      pieces.push(text);
      text = '';
    }
  }
  pieces.push(`${text}]}`);
  return pieces;
}
