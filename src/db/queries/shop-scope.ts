declare const checked: unique symbol;

/** One shop that whoever asks was found to be allowed to see. Every query about a shop's records takes it first. */
export interface ShopScope {
  readonly shopId: string;
  readonly [checked]: true;
}

/** Says that the asker may see the shop; called where that was decided, and nowhere else. */
export function scopeToShop(shopId: string): ShopScope {
  return { shopId } as ShopScope;
}
