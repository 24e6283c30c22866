export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Versions are pinned here, one by one: TikTok has no global version. */
  path: string;
  /** Name under which the request budget counts calls: upstream limits each endpoint by itself. */
  family: string;
}

/** Every endpoint that the engine calls, but for analytics (`analytics/endpoints.ts`) (TikTok Shop Partner Center, "API reference"). */
export const endpoints = {
  /** Only version there is; up to 100 whole orders a page. */
  searchOrders: { method: 'POST', path: '/order/202309/orders/search', family: 'orders.search' },
  /** Up to 50 ids, comma-joined; the current version, a superset of 202309. */
  orderDetail: { method: 'GET', path: '/order/202507/orders', family: 'orders.detail' },
  /** Up to 100 products a page; lists no more than 10,000 of one search. */
  searchProducts: { method: 'POST', path: '/product/202502/products/search', family: 'products.search' },
  /** Tells brand, category and images, which the list leaves out. */
  productDetail: { method: 'GET', path: '/product/202309/products/{product_id}', family: 'products.detail' },
  authorizedShops: { method: 'GET', path: '/authorization/202309/shops', family: 'authorization.shops' },
} as const satisfies Record<string, Endpoint>;

/**
 * Paths that refuse `shop_cipher` ("Unexpected identifier", 36009004); every other one demands it (106013).
 * From the parameter lists of TikTok Shop Partner Center, "API reference".
 */
const withoutCipher: readonly RegExp[] = [
  /^\/authorization\//,
  /^\/seller\//,
  /^\/product\/\d+\/(?:images|files)\/upload$/,
  /^\/product\/\d+\/global_/,
  /^\/product\/\d+\/compliance\//,
  /^\/product\/202407\/sizecharts\/search$/,
  /^\/logistics\/\d+\/global_warehouses/,
  /^\/fulfillment\/202407\/bundles/,
  /^\/[a-z_]+\/\d+\/(?:[^?]*\/)?customs_info(?:\/|$)/,
  /^\/analytics\/202502\/live_rooms\//,
  /^\/analytics\/202403\//,
  /^\/affiliate_seller\/202511\/images\/upload$/,
];

const createBrand = /^\/product\/\d+\/brands$/;

/** Whether a call must carry the shop's `shop_cipher`. Brands are the one path where the method decides. */
export function takesShopCipher(method: string, path: string): boolean {
  if (method === 'POST' && createBrand.test(path)) return false;
  return !withoutCipher.some((pattern) => pattern.test(path));
}
