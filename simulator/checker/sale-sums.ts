import type { CountedSale } from './sales.ts';
import { exact } from './totals.ts';

/** Sums over units, as plainly as can be: sets of everything that is counted once. Money in millionths. */
export class SaleSums {
  gmv = 0n;
  units = 0n;
  refunds = 0n;
  readonly byContent: Record<string, bigint> = { LIVE: 0n, VIDEO: 0n, PRODUCT_CARD: 0n };
  readonly #orders = new Set<string>();
  readonly #skuOrders = new Set<string>();
  readonly #buyers = new Set<string>();

  add(sale: CountedSale): void {
    const amount = exact(sale.amount) ?? 0n;
    if (sale.countedAs === 'cancelled') {
      this.refunds += amount;
      return;
    }
    this.gmv += amount;
    this.units += 1n;
    this.byContent[sale.contentType] = (this.byContent[sale.contentType] ?? 0n) + amount;
    this.#orders.add(sale.orderId);
    this.#skuOrders.add(`${sale.orderId} ${sale.skuId}`);
    this.#buyers.add(sale.buyer);
  }

  get orders(): bigint {
    return BigInt(this.#orders.size);
  }

  get skuOrders(): bigint {
    return BigInt(this.#skuOrders.size);
  }

  get customers(): bigint {
    return BigInt(this.#buyers.size);
  }
}

/** Sums of units for each value of a key; units whose key is null are left out. */
export function sumSales(
  sales: Iterable<CountedSale>,
  keyOf: (sale: CountedSale) => string | null,
): Map<string, SaleSums> {
  const sums = new Map<string, SaleSums>();
  for (const sale of sales) {
    const key = keyOf(sale);
    if (key === null) continue;
    const found = sums.get(key) ?? new SaleSums();
    found.add(sale);
    sums.set(key, found);
  }
  return sums;
}
