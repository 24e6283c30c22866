import type { Sql } from '../db/pool.ts';
import { createPersonalStore, type PersonalStore } from '../db/queries/order-personal.ts';
import type { DataKeys } from '../shops/data-keys.ts';
import { createPersonalCipher } from '../shops/personal-cipher.ts';
import { type BuyerFingerprints, createErasedBuyers } from './erased-buyers.ts';

export interface PersonalData {
  store: PersonalStore;
  fingerprints: BuyerFingerprints;
}

/** Everything that reads or writes personal fields of orders, for one process. */
export function createPersonalData(sql: Sql, dataKeys: DataKeys, retentionDays: number): PersonalData {
  const cipher = createPersonalCipher(sql, dataKeys);
  const erased = createErasedBuyers(sql, cipher);
  return { store: createPersonalStore(cipher, retentionDays, erased), fingerprints: cipher };
}
