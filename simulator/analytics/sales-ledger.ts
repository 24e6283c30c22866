import type { OrderStore } from '../orders/order-store.ts';
import { fraction } from '../random.ts';
import type { ShopCalendar } from './calendar.ts';
import type { Contents, Origin } from './contents.ts';

/** One unit sold, as analytics count it; money in minor units. */
export interface Sale {
  /** Number of the order. */
  order: number;
  buyer: string;
  /** Unix seconds. */
  paidTime: number;
  /** Unix seconds; 0 where the order was not cancelled. */
  cancelTime: number;
  product: number;
  sku: number;
  amount: number;
  platformDiscount: number;
  tax: number;
  origin: Origin;
}

export type Axis = 'paid' | 'cancelled';

/** Whole days after its own day at which an order appears in the figures: most at once, a few much later. */
const lateness: readonly (readonly [share: number, days: number])[] = [
  [0.94, 0],
  [0.97, 1],
  [0.985, 2],
  [0.995, 3],
  [1, 6],
];
const keptDays = 800;

/**
 * The sales of a shop by its calendar days, which all figures are summed from: paid orders on the day of their payment,
 * cancelled ones once more on the day of the cancellation. A day's sales are worked out when they are first asked for.
 */
export class SalesLedger {
  readonly #store: OrderStore;
  readonly #contents: Contents;
  readonly #calendar: ShopCalendar;
  readonly #seed: number;
  readonly #productOf: number[];
  readonly #orders: Record<Axis, Map<number, Set<number>>> = { paid: new Map(), cancelled: new Map() };
  readonly #placed: Record<Axis, Map<number, number>> = { paid: new Map(), cancelled: new Map() };
  readonly #sales = new Map<string, Sale[]>();
  readonly #withdrawn = new Set<number>();
  readonly #turns = new Map<number, number>();
  readonly #unwatch: () => void;
  /** Grows with everything that may change a figure. */
  version = 0;

  constructor(store: OrderStore, contents: Contents, calendar: ShopCalendar, seed: number) {
    this.#store = store;
    this.#contents = contents;
    this.#calendar = calendar;
    this.#seed = seed;
    this.#productOf = store.catalogue.skus.map(({ product }) => product);
    for (let order = 0; order < store.count; order += 1) this.#place(order);
    this.#unwatch = store.watch((order) => this.#place(order));
  }

  /** The sales of a day, the units of one order one after the other. */
  sales(axis: Axis, dayNumber: number): readonly Sale[] {
    const key = `${axis} ${dayNumber}`;
    const known = this.#sales.get(key);
    if (known !== undefined) return known;
    const orders = [...(this.#orders[axis].get(dayNumber) ?? [])].sort((left, right) => left - right);
    const made = orders.flatMap((order) => this.salesOf(order));
    this.#sales.set(key, made);
    const oldest = this.#sales.keys().next().value;
    if (this.#sales.size > keptDays && oldest !== undefined) this.#sales.delete(oldest);
    return made;
  }

  /** The units of one order, paid or not. */
  salesOf(order: number): Sale[] {
    const { paidTime, cancelTime, buyer, lines } = this.#store.sale(order);
    const createTime = this.#store.time('create_time', order);
    const turn = this.#turns.get(order) ?? 0;
    return lines.map(({ sku, amount, platformDiscount, tax }, nth) => {
      const product = this.#productOf[sku] ?? 0;
      const origin = this.#contents.origin(order, nth, product, createTime, turn);
      return { order, buyer, paidTime, cancelTime, product, sku, amount, platformDiscount, tax, origin };
    });
  }

  /** Whether an order counts in figures that are looked at `daysLater` days after their own day. */
  counts(order: number, daysLater: number): boolean {
    if (this.#withdrawn.has(order)) return false;
    const roll = fraction(this.#seed, order, 240);
    return (lateness.find(([share]) => roll < share)?.[1] ?? 0) <= daysLater;
  }

  /** The orders that were paid on the day, counted or not. */
  paidOn(dayNumber: number): number[] {
    return [...(this.#orders.paid.get(dayNumber) ?? [])].sort((left, right) => left - right);
  }

  isWithdrawn(order: number): boolean {
    return this.#withdrawn.has(order);
  }

  /** Takes an order out of all figures (the platform found it to be none), or back in. */
  withdraw(order: number, withdrawn: boolean): void {
    if (withdrawn) this.#withdrawn.add(order);
    else this.#withdrawn.delete(order);
    this.version += 1;
  }

  /** Gives the units of an order to other contents. */
  reattribute(order: number): void {
    this.#turns.set(order, (this.#turns.get(order) ?? 0) + 1);
    this.#forget(order);
  }

  /** Follows its orders no more. */
  stop(): void {
    this.#unwatch();
  }

  #place(order: number): void {
    const { paidTime, cancelTime } = this.#store.sale(order);
    this.#forget(order);
    this.#put('paid', order, paidTime);
    this.#put('cancelled', order, paidTime > 0 ? cancelTime : 0);
    this.#forget(order);
  }

  #put(axis: Axis, order: number, time: number): void {
    const before = this.#placed[axis].get(order);
    const now = time > 0 ? this.#calendar.dayOf(time) : undefined;
    if (before === now) return;
    if (before !== undefined) this.#orders[axis].get(before)?.delete(order);
    if (now === undefined) this.#placed[axis].delete(order);
    else {
      this.#placed[axis].set(order, now);
      const orders = this.#orders[axis].get(now) ?? new Set();
      orders.add(order);
      this.#orders[axis].set(now, orders);
    }
  }

  #forget(order: number): void {
    for (const axis of ['paid', 'cancelled'] as const) {
      const placed = this.#placed[axis].get(order);
      if (placed !== undefined) this.#sales.delete(`${axis} ${placed}`);
    }
    this.version += 1;
  }
}
