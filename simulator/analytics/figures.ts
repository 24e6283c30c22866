import type { ContentType } from './contents.ts';
import type { Sale } from './sales-ledger.ts';

/**
 * Sums over sales. Units of one order have to come one after the other, as the ledger gives them: so distinct orders and
 * (order, SKU) pairs are counted without a set.
 */
export class Figures {
  gmv = 0;
  items = 0;
  orders = 0;
  skuOrders = 0;
  refunds = 0;
  refundedItems = 0;
  platformDiscount = 0;
  tax = 0;
  readonly gmvBy: Record<ContentType, number> = { LIVE: 0, VIDEO: 0, PRODUCT_CARD: 0 };
  readonly itemsBy: Record<ContentType, number> = { LIVE: 0, VIDEO: 0, PRODUCT_CARD: 0 };
  readonly #buyers = new Set<string>();
  #order = -1;
  #skus: number[] = [];

  get customers(): number {
    return this.#buyers.size;
  }

  add(sale: Sale): void {
    this.gmv += sale.amount;
    this.items += 1;
    this.platformDiscount += sale.platformDiscount;
    this.tax += sale.tax;
    this.gmvBy[sale.origin.type] += sale.amount;
    this.itemsBy[sale.origin.type] += 1;
    this.#buyers.add(sale.buyer);
    if (sale.order !== this.#order) {
      this.#order = sale.order;
      this.#skus = [];
      this.orders += 1;
    }
    if (!this.#skus.includes(sale.sku)) {
      this.#skus.push(sale.sku);
      this.skuOrders += 1;
    }
  }

  refund(sale: Sale): void {
    this.refunds += sale.amount;
    this.refundedItems += 1;
  }
}

/** What nothing was sold of. */
export const noFigures: Readonly<Figures> = new Figures();

/** Sums of a stretch of sales for each value of a key; sales whose key is `null` are left out. */
export function figuresBy<Key>(sales: Iterable<Sale>, keyOf: (sale: Sale) => Key | null): Map<Key, Figures> {
  const found = new Map<Key, Figures>();
  for (const sale of sales) {
    const key = keyOf(sale);
    if (key === null) continue;
    let figures = found.get(key);
    if (figures === undefined) {
      figures = new Figures();
      found.set(key, figures);
    }
    figures.add(sale);
  }
  return found;
}

/** A ratio as the platform writes it: a decimal text with four places, a fraction of one. */
export function ratio(part: number, whole: number): string {
  return whole === 0 ? '0' : (part / whole).toFixed(4);
}
