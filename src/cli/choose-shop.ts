import type { Sql } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { findShop, listShops, type ShopRecord } from '../shops/shops.ts';
import { UsageError } from './usage-error.ts';

/** The shop that was named, or the only one that is connected. */
export async function chooseShop(sql: Sql, reference: string | undefined): Promise<ShopRecord> {
  if (reference !== undefined) {
    const shop = await findShop(sql, reference);
    if (shop !== null) return shop;
    throw new TidelineError({
      code: 'shop-not-found',
      message: `There is no shop ${JSON.stringify(reference.slice(0, 60))}.`,
      actor: 'user',
      action: '"tideline shops list" shows the shops.',
    });
  }
  const shops = (await listShops(sql)).filter((shop) => shop.status !== 'disconnected');
  const [only] = shops;
  if (only === undefined) {
    throw new TidelineError({
      code: 'no-shop',
      message: 'No shop is connected.',
      actor: 'user',
      action: 'Connect one with "tideline shops connect".',
    });
  }
  if (shops.length > 1) {
    throw new UsageError(
      `several shops are connected: say --shop ${shops.map((shop) => shop.id).join(' or ')}`,
    );
  }
  return only;
}
