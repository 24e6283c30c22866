import type { Sql, Transaction } from '../db/pool.ts';
import type { DataKey, DataKeys } from './data-keys.ts';

/** A shop's cipher as stored, encrypted under the shop's own data key. */
export interface SealedShopCipher {
  tiktok_shop_id: string;
  shop_key_id: number;
  shop_cipher: Buffer;
}

/** @param cipher what TikTok wants to see as `shop_cipher` in calls for this shop ("Get Authorized Shops") */
export function sealShopCipher(key: DataKey, tiktokShopId: string, cipher: string): Buffer {
  return key.encrypt(cipher, context(tiktokShopId));
}

/** Throws TidelineError for the operator when the keys do not fit. */
export async function openShopCipher(
  sql: Sql | Transaction,
  dataKeys: DataKeys,
  row: SealedShopCipher,
): Promise<string> {
  const key = await dataKeys.load(sql, row.shop_key_id);
  return key.decrypt(row.shop_cipher, context(row.tiktok_shop_id)).toString('utf8');
}

function context(tiktokShopId: string) {
  return { purpose: 'shop-cipher', owner: tiktokShopId };
}
