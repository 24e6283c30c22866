import { parseCents } from '../money.ts';
import type { Catalogue } from '../orders/catalogue.ts';

/** The catalogue of a shop of which only the lines of its orders are known. */
export class SoldProducts {
  readonly catalogue: Catalogue = { products: [], skus: [] };
  readonly #products = new Map<string, number>();
  readonly #skus = new Map<string, number>();

  /** @returns the number of the line's SKU; a new one is put into the catalogue */
  number(line: Record<string, unknown>): number {
    const productId = String(line.product_id ?? '');
    const skuId = String(line.sku_id ?? '');
    const known = this.#skus.get(skuId);
    if (known !== undefined) return known;
    const { products, skus } = this.catalogue;
    let product = this.#products.get(productId);
    if (product === undefined) {
      const title = String(line.product_name ?? '');
      product = products.push({ id: productId, title, brand: null, category: '', skus: [] }) - 1;
      this.#products.set(productId, product);
    }
    const price = parseCents(line.sale_price) ?? 0;
    const name = String(line.sku_name ?? '');
    const number =
      skus.push({ id: skuId, product, name, sellerSku: String(line.seller_sku ?? ''), price }) - 1;
    products[product]?.skus.push(number);
    this.#skus.set(skuId, number);
    return number;
  }
}
