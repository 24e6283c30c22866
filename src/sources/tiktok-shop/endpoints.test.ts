import { expect, it } from 'vitest';
import { takesShopCipher } from './endpoints.ts';

it.each([
  ['POST', '/order/202309/orders/search', true],
  ['GET', '/order/202507/orders', true],
  ['GET', '/product/202309/products/1', true],
  ['GET', '/product/202309/brands', true],
  ['POST', '/product/202309/brands', false],
  ['GET', '/authorization/202309/shops', false],
  ['GET', '/seller/202309/permissions', false],
  ['POST', '/product/202309/images/upload', false],
  ['POST', '/product/202309/files/upload', false],
  ['GET', '/product/202309/global_products/1', false],
  ['GET', '/logistics/202309/warehouses', true],
  ['GET', '/logistics/202309/global_warehouses', false],
  ['GET', '/analytics/202405/shop/performance', true],
  ['GET', '/analytics/202403/videos', false],
  ['GET', '/analytics/202502/live_rooms/1', false],
])('%s %s takes shop_cipher: %s', (method, path, expected) => {
  expect(takesShopCipher(method, path)).toBe(expected);
});
