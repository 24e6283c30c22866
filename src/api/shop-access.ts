import { type ShopScope, scopeToShop } from '../db/queries/shop-scope.ts';
import { TidelineError } from '../errors.ts';
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

/** @throws TidelineError 409 when the shop cannot be synced before it is connected again. */
export function refuseUnconnected(shop: ShopRecord): void {
  if (shop.status === 'active') return;
  const parked = shop.status === 'parked';
  throw new TidelineError({
    code: parked ? 'shop-parked' : 'shop-disconnected',
    actor: 'user',
    status: 409,
    message: parked
      ? "The shop is parked: TikTok no longer accepts the seller's grant."
      : 'The shop is disconnected.',
    action: 'Connect it again at /connect/tiktok-shop.',
  });
}
