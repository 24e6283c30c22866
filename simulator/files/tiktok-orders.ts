import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { parseCents } from '../money.ts';
import type { Catalogue } from '../orders/catalogue.ts';
import { GrowingUint32 } from '../orders/growing-columns.ts';
import {
  type OrderFacts,
  type OrderSale,
  type OrderSource,
  type OrderState,
  type OrderTraits,
  statusCode,
  statusName,
} from '../orders/order-source.ts';
import { factsOfJson, isRecord } from './json-facts.ts';
import { SoldProducts } from './sold-products.ts';

const blockSize = 64;
const openBlocks = 32;

/** Orders of a file in TikTok's own shape: served as the file has them, kept compressed in blocks. */
export class TikTokOrders implements OrderSource {
  readonly #ids: string[] = [];
  readonly #byId = new Map<string, number>();
  readonly #created = new GrowingUint32();
  readonly #updated = new GrowingUint32();
  readonly #status = new GrowingUint32();
  readonly #blocks: Buffer[] = [];
  #filling: string[] = [];
  readonly #sold = new SoldProducts();
  readonly #open = new Map<number, string[]>();
  #shift = 0;

  get count(): number {
    return this.#ids.length;
  }

  /** Adds an order of the file; a string says why it does not fit. */
  add(value: Record<string, unknown>, text: string): string | null {
    const { id, status, create_time: created, update_time: updated } = value;
    if (typeof id !== 'string' || id === '') return 'id is not a text';
    if (typeof status !== 'string' || status === '') return 'status is not a text';
    if (!isSeconds(created)) return 'create_time is not a whole number of Unix seconds';
    if (updated !== undefined && !isSeconds(updated))
      return 'update_time is not a whole number of Unix seconds';
    if (this.#byId.has(id)) return `the order ${id} was there before`;
    this.#byId.set(id, this.#ids.length);
    this.#ids.push(id);
    this.#created.push(created);
    this.#updated.push(updated ?? created);
    this.#status.push(statusCode(status));
    for (const line of linesOf(value)) this.#sold.number(line);
    this.#filling.push(text);
    if (this.#filling.length === blockSize) {
      this.#blocks.push(deflateRawSync(this.#filling.join('\n'), { level: 1 }));
      this.#filling = [];
    }
    return null;
  }

  /** Moves all times so that the newest is `newest` (Unix seconds). */
  shiftTo(newest: number): void {
    let last = 0;
    for (let index = 0; index < this.count; index += 1)
      last = Math.max(last, this.#created.at(index), this.#updated.at(index));
    this.#shift = newest - last;
  }

  id(index: number): string {
    return this.#ids[index] ?? '';
  }

  indexOf(id: string): number {
    return this.#byId.get(id) ?? -1;
  }

  initial(index: number): OrderState {
    return {
      status: this.#status.at(index),
      createTime: this.#created.at(index) + this.#shift,
      updateTime: this.#updated.at(index) + this.#shift,
      changes: undefined,
    };
  }

  traits(index: number, state: OrderState): OrderTraits {
    const order = this.#object(index, state);
    return {
      shippingType: String(order.shipping_type ?? ''),
      buyerUserId: String(order.user_id ?? ''),
      warehouseId: String(order.warehouse_id ?? ''),
      buyerRequestedCancel: order.is_buyer_request_cancel === true,
    };
  }

  facts(index: number, state: OrderState): OrderFacts {
    return factsOfJson(this.#object(index, state), this.id(index), state);
  }

  get catalogue(): Catalogue {
    return this.#sold.catalogue;
  }

  sale(index: number, state: OrderState): OrderSale {
    const order = this.#object(index, state);
    const time = (name: string): number => (isSeconds(order[name]) ? order[name] : 0);
    return {
      paidTime: time('paid_time'),
      cancelTime: order.status === 'CANCELLED' ? time('cancel_time') : 0,
      buyer: String(order.user_id ?? ''),
      lines: linesOf(order).map((line) => ({
        sku: this.#sold.number(line),
        amount: parseCents(line.sale_price) ?? 0,
        platformDiscount: parseCents(line.platform_discount) ?? 0,
        tax: 0,
      })),
    };
  }

  render(index: number, state: OrderState): string[] {
    if (this.#shift === 0 && state.changes === undefined) return [this.#text(index)];
    return [JSON.stringify(this.#object(index, state))];
  }

  #text(index: number): string {
    const block = Math.floor(index / blockSize);
    const packed = this.#blocks[block];
    if (packed === undefined) return this.#filling[index - block * blockSize] ?? '{}';
    let lines = this.#open.get(block);
    if (lines === undefined) {
      lines = inflateRawSync(packed).toString('utf8').split('\n');
      this.#open.set(block, lines);
      const oldest = this.#open.keys().next().value;
      if (this.#open.size > openBlocks && oldest !== undefined) this.#open.delete(oldest);
    }
    return lines[index - block * blockSize] ?? '{}';
  }

  #object(index: number, state: OrderState): Record<string, unknown> {
    const parsed: unknown = JSON.parse(this.#text(index));
    const order: Record<string, unknown> = isRecord(parsed) ? parsed : {};
    if (this.#shift !== 0) {
      for (const [name, value] of Object.entries(order)) {
        if (name.endsWith('_time') && typeof value === 'number' && value > 0)
          order[name] = value + this.#shift;
      }
    }
    const changes = state.changes;
    if (changes === undefined) return order;
    order.status = statusName(state.status);
    order.update_time = state.updateTime;
    if (changes.times.cancel !== undefined) {
      order.cancel_time = changes.times.cancel;
      order.cancellation_initiator = changes.cancelInitiator ?? 'BUYER';
    }
    if (changes.trackingNumber !== undefined) order.tracking_number = changes.trackingNumber;
    if (changes.sellerNote !== undefined) order.seller_note = changes.sellerNote;
    return order;
  }
}

function linesOf(order: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(order.line_items) ? order.line_items.filter(isRecord) : [];
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 4_294_967_295;
}
