import { formatMinor } from '../money.ts';
import { hash } from '../random.ts';
import type { Catalogue } from './catalogue.ts';
import { LineBuffer, type OrderTotals, saleLines, totalsOf } from './line-buffer.ts';
import { planLife, shownTimes, stageAt } from './milestones.ts';
import {
  CANCELLED,
  type OrderFacts,
  type OrderSale,
  type OrderSource,
  type OrderState,
  type OrderTraits,
  statusName,
} from './order-source.ts';
import { type OrderParts, renderOrder, showsTracking } from './render-order.ts';
import type { ShopProfile } from './shop-profile.ts';

const lineCounts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5];
const messages = ['""', '""', '""', '""', '""', '""', '""', '"Please leave it with the invented neighbour."'];

/**
 * Orders made from (seed, number): nothing is kept but the creation times, so a shop's size costs almost no memory,
 * and numbers beyond the history (orders that come in while the simulator runs) work the same way.
 */
export class GeneratedOrders implements OrderSource {
  readonly count: number;
  readonly #profile: ShopProfile;
  readonly #times: Uint32Array;
  readonly #now: number;
  readonly #lines = new LineBuffer();
  readonly #buyers: number;

  /** @param now Unix seconds at which the history ends; decides how far each order has come. */
  constructor(profile: ShopProfile, times: Uint32Array, now: number) {
    this.#profile = profile;
    this.#times = times;
    this.#now = now;
    this.count = times.length;
    this.#buyers = Math.max(50, Math.floor(times.length * 0.6));
  }

  get catalogue(): Catalogue {
    return this.#profile.catalogue;
  }

  /** Eighteen digits, above 2^53 as TikTok's are, ascending with the order's number. */
  id(index: number): string {
    const tail = hash(this.#profile.seed, index, 41) % 1000;
    return `5764${this.#profile.digits}${String(index * 1000 + tail).padStart(12, '0')}`;
  }

  indexOf(id: string): number {
    if (!/^\d{18}$/.test(id)) return -1;
    const index = Math.floor(Number(id.slice(6)) / 1000);
    return this.id(index) === id ? index : -1;
  }

  initial(index: number): OrderState {
    const createTime = this.#times[index] ?? this.#now;
    const stage = stageAt(planLife(this.#profile.seed, index, createTime), createTime, this.#now);
    return { status: stage.status, createTime, updateTime: stage.since, changes: undefined };
  }

  traits(index: number, state: OrderState): OrderTraits {
    return {
      shippingType: this.#sellerShipping(index) ? 'SELLER' : 'TIKTOK',
      buyerUserId: this.#buyer(index),
      warehouseId: this.#warehouse(index),
      buyerRequestedCancel:
        state.status === CANCELLED &&
        (state.changes?.cancelInitiator ?? this.#initiator(index, state)) === 'BUYER',
    };
  }

  facts(index: number, state: OrderState): OrderFacts {
    const totals = this.#fill(index);
    const decimals = this.#profile.region.decimals;
    const reached = shownTimes(planLife(this.#profile.seed, index, state.createTime), state).reached;
    const changed = state.changes?.trackingNumber;
    return {
      id: this.id(index),
      status: statusName(state.status),
      createTime: state.createTime,
      updateTime: state.updateTime,
      currency: this.#profile.region.currency,
      totalAmount: formatMinor(totals.total, decimals),
      subTotal: formatMinor(totals.subTotal, decimals),
      lineCount: this.#lines.count,
      lineSum: formatMinor(totals.subTotal, decimals),
      trackingNumber: changed ?? (showsTracking(reached) ? this.#tracking(index) : ''),
    };
  }

  render(index: number, state: OrderState): string[] {
    return renderOrder(this.#parts(index, state));
  }

  sale(index: number, state: OrderState): OrderSale {
    this.#fill(index);
    const times = shownTimes(planLife(this.#profile.seed, index, state.createTime), state);
    return {
      paidTime: times.paid,
      cancelTime: times.cancel,
      buyer: this.#buyer(index),
      lines: saleLines(this.#lines, this.#profile.region.taxBasisPoints),
    };
  }

  #parts(index: number, state: OrderState): OrderParts {
    const profile = this.#profile;
    const { seed, region } = profile;
    const totals = this.#fill(index);
    const choice = hash(seed, index, 51);
    return {
      id: this.id(index),
      numberText: String(index).padStart(8, '0'),
      state,
      plan: planLife(seed, index, state.createTime),
      profile,
      recipient: pick(profile.recipients, this.#buyerNumber(index)),
      buyerUserId: this.#buyer(index),
      sellerShipping: this.#sellerShipping(index),
      warehouseId: this.#warehouse(index),
      deliveryOption: pick(profile.deliveryOptions, choice % 7 === 0 ? 1 : 0),
      provider: pick(region.providers, choice),
      trackingNumber: this.#tracking(index),
      paymentMethod: pick(region.payments, choice >>> 8),
      buyerMessage: pick(messages, choice >>> 12),
      cancelInitiator: this.#initiator(index, state),
      lines: this.#lines,
      totals,
      taxBasisPoints: region.taxBasisPoints,
      originalShippingFee: this.#listShipping(index),
      isSample: false,
    };
  }

  #fill(index: number): OrderTotals {
    const { seed, catalogue, fragments, region } = this.#profile;
    const { products, skus } = catalogue;
    const lines = this.#lines;
    lines.clear();
    const count = lineCounts[hash(seed, index, 61) % lineCounts.length] ?? 1;
    let sku = 0;
    for (let at = 0; at < count; at += 1) {
      const roll = hash(seed, index, 62 + at);
      // One further line in three is one more unit of the same SKU: TikTok has no quantity field.
      if (at === 0 || roll % 3 !== 0) {
        const own = pick(products, roll >>> 4).skus;
        sku = pick(own, roll >>> 26);
      }
      const { price } = pick(skus, sku);
      const sellerDiscount = part(price, [0, 0, 0, 5, 10, 15][(roll >>> 14) % 6] ?? 0);
      const platformDiscount = part(price, [0, 0, 0, 3][(roll >>> 20) % 4] ?? 0);
      lines.add(
        pick(fragments, sku),
        sku,
        price - sellerDiscount - platformDiscount,
        sellerDiscount,
        platformDiscount,
      );
    }
    const shippingFee = hash(seed, index, 71) % 10 < 6 ? 0 : this.#listShipping(index);
    return totalsOf(lines, shippingFee, region.taxBasisPoints);
  }

  #listShipping(index: number): number {
    const { region, seed } = this.#profile;
    const usCents = [399, 499, 599, 799][hash(seed, index, 72) % 4] ?? 499;
    return Math.round((usCents * region.priceScale) / region.priceStep) * region.priceStep;
  }

  #tracking(index: number): string {
    const provider = pick(this.#profile.region.providers, hash(this.#profile.seed, index, 51));
    return `${provider.prefix}${this.#profile.digits}${String(index).padStart(10, '0')}${(hash(this.#profile.seed, index, 73) % 90) + 10}`;
  }

  #initiator(index: number, state: OrderState): 'BUYER' | 'SELLER' | 'SYSTEM' {
    if (state.status !== CANCELLED) return 'BUYER';
    if (planLife(this.#profile.seed, index, state.createTime).paid === Number.MAX_SAFE_INTEGER)
      return 'SYSTEM';
    return hash(this.#profile.seed, index, 74) % 3 === 0 ? 'SELLER' : 'BUYER';
  }

  #sellerShipping(index: number): boolean {
    return hash(this.#profile.seed, index, 75) % 5 === 0;
  }

  #warehouse(index: number): string {
    return pick(this.#profile.warehouses, hash(this.#profile.seed, index, 76) % 4 === 0 ? 1 : 0);
  }

  #buyerNumber(index: number): number {
    return hash(this.#profile.seed, index, 77) % this.#buyers;
  }

  #buyer(index: number): string {
    return `7494${this.#profile.digits}0${String(this.#buyerNumber(index)).padStart(11, '0')}`;
  }
}

function pick<T>(values: readonly T[], choice: number): T {
  const value = values[choice % values.length];
  if (value === undefined) throw new Error('nothing to choose from');
  return value;
}

function part(price: number, percent: number): number {
  return Math.floor((price * percent) / 100);
}
