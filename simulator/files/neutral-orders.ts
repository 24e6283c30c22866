import { formatMinor, unitShare } from '../money.ts';
import type { Catalogue } from '../orders/catalogue.ts';
import { GrowingUint32 } from '../orders/growing-columns.ts';
import { LineBuffer, type OrderTotals, saleLines, totalsOf } from '../orders/line-buffer.ts';
import { type LifePlan, shownTimes } from '../orders/milestones.ts';
import {
  CANCELLED,
  COMPLETED,
  type OrderFacts,
  type OrderSale,
  type OrderSource,
  type OrderState,
  type OrderTraits,
  statusName,
} from '../orders/order-source.ts';
import { productFragment } from '../orders/product-fragment.ts';
import { type OrderParts, renderOrder, showsTracking } from '../orders/render-order.ts';
import type { ShopProfile } from '../orders/shop-profile.ts';
import type { NeutralOrder } from './neutral-line.ts';
import type { FileProduct } from './product-file.ts';

/** Orders of a file in the neutral shape, kept as columns of numbers and rendered when asked for. */
export class NeutralOrders implements OrderSource {
  readonly #profile: ShopProfile;
  readonly #rows: Map<string, FileProduct>;
  readonly #ids: string[] = [];
  readonly #byId = new Map<string, number>();
  readonly #times = new GrowingUint32();
  readonly #stores: Interned = new Interned();
  readonly #buyers: Interned = new Interned();
  readonly #products: Interned = new Interned();
  readonly #store = new GrowingUint32();
  readonly #buyer = new GrowingUint32();
  readonly #firstLine = new GrowingUint32();
  readonly #product = new GrowingUint32();
  readonly #units = new GrowingUint32();
  readonly #amount = new GrowingUint32();
  readonly #sellerDiscount = new GrowingUint32();
  readonly #platformDiscount = new GrowingUint32();
  readonly #fragments: string[] = [];
  /** Of one unit in the first basket that held the product. */
  readonly #prices: number[] = [];
  readonly #lines = new LineBuffer();

  constructor(profile: ShopProfile, rows: Map<string, FileProduct>) {
    this.#profile = profile;
    this.#rows = rows;
  }

  get count(): number {
    return this.#ids.length;
  }

  /** The products of the file's lines, each with the one SKU that it stands for. */
  get catalogue(): Catalogue {
    const products: Catalogue['products'] = [];
    const skus: Catalogue['skus'] = [];
    for (let number = 0; number < this.#products.size; number += 1) {
      const id = this.#products.text(number);
      const row = this.#rows.get(id);
      products.push({
        id,
        title: row?.name ?? `Product ${id}`,
        brand: row?.brand ?? null,
        category: row?.category ?? '',
        skus: [number],
      });
      skus.push({
        id,
        product: number,
        name: row?.variant ?? '',
        sellerSku: `UPC-${id}`,
        price: this.#prices[number] ?? 0,
      });
    }
    return { products, skus };
  }

  /** Adds an order of the file; false when its id was there before. */
  add(order: NeutralOrder): boolean {
    if (this.#byId.has(order.id)) return false;
    this.#byId.set(order.id, this.#ids.length);
    this.#ids.push(order.id);
    this.#times.push(order.time);
    this.#store.push(this.#stores.number(order.store));
    this.#buyer.push(this.#buyers.number(order.buyer));
    this.#firstLine.push(this.#product.length);
    for (const line of order.lines) {
      const product = this.#products.number(line.product);
      this.#product.push(product);
      this.#prices[product] ??= Math.round(line.amount / Math.max(1, line.units));
      this.#units.push(line.units);
      this.#amount.push(line.amount);
      this.#sellerDiscount.push(line.sellerDiscount);
      this.#platformDiscount.push(line.platformDiscount);
    }
    return true;
  }

  /** Moves all times so that the newest is `newest` (Unix seconds). */
  shiftTo(newest: number): void {
    let last = 0;
    for (let index = 0; index < this.count; index += 1) last = Math.max(last, this.#times.at(index));
    for (let index = 0; index < this.count; index += 1)
      this.#times.set(index, this.#times.at(index) + newest - last);
  }

  id(index: number): string {
    return this.#ids[index] ?? '';
  }

  indexOf(id: string): number {
    return this.#byId.get(id) ?? -1;
  }

  initial(index: number): OrderState {
    const time = this.#times.at(index);
    return { status: COMPLETED, createTime: time, updateTime: time, changes: undefined };
  }

  traits(index: number, state: OrderState): OrderTraits {
    return {
      shippingType: 'TIKTOK',
      buyerUserId: this.#buyers.text(this.#buyer.at(index)),
      warehouseId: this.#stores.text(this.#store.at(index)),
      buyerRequestedCancel:
        state.status === CANCELLED && (state.changes?.cancelInitiator ?? 'BUYER') === 'BUYER',
    };
  }

  facts(index: number, state: OrderState): OrderFacts {
    const totals = this.#fill(index);
    const reached = shownTimes(planAt(state.createTime), state).reached;
    return {
      id: this.id(index),
      status: statusName(state.status),
      createTime: state.createTime,
      updateTime: state.updateTime,
      currency: this.#profile.region.currency,
      totalAmount: formatMinor(totals.total, 2),
      subTotal: formatMinor(totals.subTotal, 2),
      lineCount: this.#lines.count,
      lineSum: formatMinor(totals.subTotal, 2),
      trackingNumber: state.changes?.trackingNumber ?? (showsTracking(reached) ? this.#tracking(index) : ''),
    };
  }

  render(index: number, state: OrderState): string[] {
    const profile = this.#profile;
    const buyer = this.#buyers.text(this.#buyer.at(index));
    const totals = this.#fill(index);
    const recipient = profile.recipients[this.#buyer.at(index) % profile.recipients.length];
    const provider = profile.region.providers[0];
    const deliveryOption = profile.deliveryOptions[0];
    if (recipient === undefined || provider === undefined || deliveryOption === undefined)
      throw new Error('empty shop profile');
    const parts: OrderParts = {
      id: this.id(index),
      numberText: String(index).padStart(8, '0'),
      state,
      plan: planAt(state.createTime),
      profile,
      recipient,
      buyerUserId: buyer,
      sellerShipping: false,
      warehouseId: this.#stores.text(this.#store.at(index)),
      deliveryOption,
      provider,
      trackingNumber: this.#tracking(index),
      paymentMethod: 'Credit/debit card',
      buyerMessage: '""',
      cancelInitiator: 'BUYER',
      lines: this.#lines,
      totals,
      taxBasisPoints: 0,
      originalShippingFee: 0,
      isSample: false,
    };
    return renderOrder(parts);
  }

  sale(index: number, state: OrderState): OrderSale {
    this.#fill(index);
    const times = shownTimes(planAt(state.createTime), state);
    return {
      paidTime: times.paid,
      cancelTime: times.cancel,
      buyer: this.#buyers.text(this.#buyer.at(index)),
      lines: saleLines(this.#lines, 0),
    };
  }

  #fill(index: number): OrderTotals {
    const lines = this.#lines;
    lines.clear();
    const end = index + 1 < this.#firstLine.length ? this.#firstLine.at(index + 1) : this.#product.length;
    for (let line = this.#firstLine.at(index); line < end; line += 1) {
      const product = this.#product.at(line);
      const fragment = this.#fragment(product);
      const units = Math.max(1, this.#units.at(line));
      const amount = this.#amount.at(line);
      const seller = this.#sellerDiscount.at(line);
      const platform = this.#platformDiscount.at(line);
      for (let unit = 0; unit < units; unit += 1) {
        lines.add(
          fragment,
          product,
          unitShare(amount, units, unit),
          unitShare(seller, units, unit),
          unitShare(platform, units, unit),
        );
      }
    }
    return totalsOf(lines, 0, 0);
  }

  #fragment(product: number): string {
    const known = this.#fragments[product];
    if (known !== undefined) return known;
    const id = this.#products.text(product);
    const row = this.#rows.get(id);
    const made = productFragment({
      productId: id,
      productName: row?.name ?? `Product ${id}`,
      skuId: id,
      skuName: row?.variant ?? '',
      sellerSku: `UPC-${id}`,
    });
    this.#fragments[product] = made;
    return made;
  }

  #tracking(index: number): string {
    return `FILE${String(index).padStart(10, '0')}`;
  }
}

/** A basket paid and taken home in one moment: every stage of its life has the file's time. */
function planAt(time: number): LifePlan {
  return {
    paid: time,
    release: time,
    partial: 0,
    rts: time,
    collection: time,
    delivery: time,
    completed: time,
    cancel: 0,
  };
}

/** Texts that repeat, kept once each. */
class Interned {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const made = this.#texts.push(text) - 1;
    this.#numbers.set(text, made);
    return made;
  }

  get size(): number {
    return this.#texts.length;
  }

  text(number: number): string {
    return this.#texts[number] ?? '';
  }
}
