import { type ShopScope, scopeToShop } from '../db/queries/shop-scope.ts';
import type { ShopControl, ShopRecord } from './dependencies.ts';
import { maySeeShop, type Principal } from './principal.ts';
import { notFound } from './problem.ts';

export interface SeenShop {
  shop: ShopRecord;
  scope: ShopScope;
}

/** The shop that `{shop}` names, if the asker may see it; else 404, whichever is the case. */
export async function seeShop(shops: ShopControl, principal: Principal, id: string): Promise<SeenShop> {
  const shop = await shops.find(id);
  if (shop === null || !maySeeShop(principal, shop.id)) throw notFound('shop');
  return { shop, scope: scopeToShop(shop.id) };
}

/** All shops that the asker may see. */
export async function seeShops(shops: ShopControl, principal: Principal): Promise<ShopRecord[]> {
  return (await shops.list()).filter((shop) => maySeeShop(principal, shop.id));
}
