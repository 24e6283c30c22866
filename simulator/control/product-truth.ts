import type { ServerResponse } from 'node:http';
import { formatMinor } from '../money.ts';
import type { SimulatedShop } from '../shops.ts';
import { drained } from './truth.ts';

const perChunk = 500;

/** Streams the catalogue as NDJSON, one product with its SKUs a line: what a complete and exact copy must equal. */
export async function streamProducts(shop: SimulatedShop, response: ServerResponse): Promise<void> {
  const count = shop.products.catalogue.products.length;
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (let from = 0; from < count; from += perChunk) {
    if (response.destroyed) return;
    const length = Math.min(perChunk, count - from);
    const lines = Array.from({ length }, (_, nth) => `${JSON.stringify(productLine(shop, from + nth))}\n`);
    if (!response.write(lines.join(''))) await drained(response);
  }
  response.end();
}

function productLine({ products, currency, analytics }: SimulatedShop, product: number): object {
  const { catalogue } = products;
  const found = catalogue.products[product];
  const numbers = found?.skus ?? [];
  const stockOf = (sku: number): number => products.stock(sku).reduce((sum, quantity) => sum + quantity, 0);
  return {
    id: found?.id,
    title: products.title(product),
    status: products.status(product),
    brand: found?.brand,
    category: found?.category,
    currency,
    stock: numbers.reduce((sum, sku) => sum + stockOf(sku), 0),
    create_time: products.createTime(product),
    update_time: products.updateTime(product),
    skus: numbers.map((sku) => ({
      id: catalogue.skus[sku]?.id,
      name: catalogue.skus[sku]?.name,
      seller_sku: catalogue.skus[sku]?.sellerSku,
      price: formatMinor(catalogue.skus[sku]?.price ?? 0, analytics.decimals),
      stock: stockOf(sku),
    })),
  };
}
