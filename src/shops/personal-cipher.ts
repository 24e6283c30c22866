import type { Sql } from '../db/pool.ts';
import type { PersonalCipher } from '../db/queries/order-personal.ts';
import { TidelineError } from '../errors.ts';
import type { BuyerFingerprints } from '../privacy/erased-buyers.ts';
import type { DataKeys } from './data-keys.ts';

/** A shop's data key never changes; how long its id is believed without asking. */
const cacheMs = 60_000;

/** Encrypts personal fields of orders, and recognises buyers, under their shop's data key. */
export function createPersonalCipher(sql: Sql, dataKeys: DataKeys): PersonalCipher & BuyerFingerprints {
  const keyIds = new Map<string, { dataKeyId: number; until: number }>();

  async function keyIdOf(shopId: string): Promise<number> {
    const known = keyIds.get(shopId);
    if (known !== undefined && known.until > performance.now()) return known.dataKeyId;
    const [row] = await sql<{ data_key_id: number | null }[]>`
      select data_key_id from shops where shop_id = ${shopId}`;
    if (row?.data_key_id == null) {
      throw new TidelineError({
        code: 'shop-erased',
        message: 'The shop has no encryption key: it was erased.',
        actor: 'operator',
        action: 'Connect the shop again.',
      });
    }
    keyIds.set(shopId, { dataKeyId: row.data_key_id, until: performance.now() + cacheMs });
    return row.data_key_id;
  }

  return {
    async encrypt(shopId, orderId, plaintext) {
      const key = await dataKeys.load(sql, await keyIdOf(shopId));
      return { dataKeyId: key.dataKeyId, ciphertext: key.encrypt(plaintext, context(shopId, orderId)) };
    },
    async decrypt(shopId, orderId, dataKeyId, ciphertext) {
      return (await dataKeys.load(sql, dataKeyId)).decrypt(ciphertext, context(shopId, orderId));
    },
    async buyerFingerprints(shopId) {
      const key = await dataKeys.load(sql, await keyIdOf(shopId));
      return (buyerId) => key.fingerprint(buyerId, 'erased-buyer').toString('hex');
    },
  };
}

function context(shopId: string, orderId: string) {
  return { purpose: 'order-personal', owner: `${shopId}/${orderId}` };
}
