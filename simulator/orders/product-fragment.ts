import { flat } from './flat.ts';

/** One product with its only SKU, as far as an order line shows it. */
export interface ProductText {
  productId: string;
  productName: string;
  skuId: string;
  skuName: string;
  sellerSku: string;
}

/** The part of a line item's JSON that is the same for every unit of a SKU: made once, used in every order. */
export function productFragment(product: ProductText): string {
  const name = JSON.stringify(product.productName);
  return flat(
    `"product_id":"${product.productId}","product_name":${name},"sku_id":"${product.skuId}",` +
      `"sku_name":${JSON.stringify(product.skuName)},"seller_sku":${JSON.stringify(product.sellerSku)},` +
      `"sku_image":"https://images.invalid/${product.skuId}.jpeg",` +
      `"product_listing_type":"NORMAL","is_dangerous_good":false,"needs_prescription":false,` +
      `"is_gift":false,"room_id":"",`,
  );
}
