import type { Catalogue } from '../orders/catalogue.ts';
import { hash } from '../random.ts';

/** What a seller has changed about a product while the simulator runs. */
export interface ProductChange {
  title?: string;
  status?: string;
  /** Units of each of its SKUs. */
  stock?: number;
}

const statuses = ['SELLER_DEACTIVATED', 'PLATFORM_DEACTIVATED', 'FREEZE'];
const secondsBefore = 400 * 86_400;

/** The products of one shop as product search and detail show them: what orders do not tell of is invented from the seed. */
export class ProductShelf {
  readonly catalogue: Catalogue;
  readonly #seed: number;
  readonly #startedAt: number;
  readonly #byId = new Map<string, number>();
  readonly #categories = new Map<string, string>();
  readonly #changes = new Map<number, ProductChange & { at: number }>();

  /** @param startedAt Unix seconds; the products are older */
  constructor(catalogue: Catalogue, seed: number, startedAt: number) {
    this.catalogue = catalogue;
    this.#seed = seed;
    this.#startedAt = startedAt;
    for (const [product, { id, category }] of catalogue.products.entries()) {
      this.#byId.set(id, product);
      if (!this.#categories.has(category))
        this.#categories.set(category, String(600_001 + this.#categories.size));
    }
  }

  /** The product's number, or -1. */
  indexOf(id: string): number {
    return this.#byId.get(id) ?? -1;
  }

  title(product: number): string {
    return this.#changes.get(product)?.title ?? this.catalogue.products[product]?.title ?? '';
  }

  /** Nine in ten are live. */
  status(product: number): string {
    const roll = hash(this.#seed, product, 280) % 30;
    return this.#changes.get(product)?.status ?? statuses[roll] ?? 'ACTIVATE';
  }

  categoryId(product: number): string {
    return this.#categories.get(this.catalogue.products[product]?.category ?? '') ?? '';
  }

  /** Units of a SKU in the first and the second warehouse. */
  stock(sku: number): [number, number] {
    const product = this.catalogue.skus[sku]?.product ?? 0;
    const roll = hash(this.#seed, sku, 281);
    const first = this.#changes.get(product)?.stock ?? (roll % 12 === 0 ? 0 : roll % 480);
    return [first, roll % 5 === 0 ? (roll >>> 8) % 90 : 0];
  }

  createTime(product: number): number {
    return this.#startedAt - secondsBefore - (hash(this.#seed, product, 282) % secondsBefore);
  }

  updateTime(product: number): number {
    const change = this.#changes.get(product);
    return change?.at ?? this.#startedAt - (hash(this.#seed, product, 283) % secondsBefore);
  }

  /** @param at Unix seconds */
  change(product: number, change: ProductChange, at: number): void {
    this.#changes.set(product, { ...this.#changes.get(product), ...change, at });
  }
}
