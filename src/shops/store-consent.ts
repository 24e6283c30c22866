import type { Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { AuthorizedShop, TokenGrant } from '../sources/tiktok-shop/auth-schemas.ts';
import { destroyUnusedGrants, storeGrant } from './credentials.ts';
import type { DataKeys } from './data-keys.ts';
import { regionDefaults } from './regions.ts';
import { sealShopCipher } from './shop-cipher.ts';

export interface ConnectedShop {
  shopId: string;
  tiktokShopId: string;
  name: string;
  region: string;
  syncEnabled: boolean;
  /** Never connected before. */
  isNew: boolean;
  /** Was parked until now: its paused runs may go on. */
  wasParked: boolean;
}

export interface ConsentToStore {
  dataKeys: DataKeys;
  appKey: string;
  grant: TokenGrant & { open_id: string };
  authorized: readonly AuthorizedShop[];
  choose: boolean;
  now: Date;
}

interface KnownShop {
  shop_id: string;
  status: 'active' | 'parked' | 'disconnected';
  credential_id: number | null;
  data_key_id: number | null;
}

/** Stores a grant with its shops. Known shops keep their id, time zone and data, and are active again. */
export async function storeConsent(tx: Transaction, consent: ConsentToStore): Promise<ConnectedShop[]> {
  const { dataKeys, appKey, grant, authorized, now } = consent;
  const credentialId = await storeGrant(tx, dataKeys, appKey, grant, now);
  const shops: ConnectedShop[] = [];
  const leftGrants = new Set<number>();
  // One order for all, so that two consents at once cannot wait for each other.
  for (const shop of [...authorized].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    // Holds the place of a shop that has no row yet.
    await tx`select pg_advisory_xact_lock(hashtextextended(${`shop ${shop.id}`}, 0))`;
    const [known] = await tx<KnownShop[]>`
      select shop_id, status, credential_id, data_key_id from shops
      where tiktok_shop_id = ${shop.id} for no key update`;
    shops.push(
      known === undefined
        ? await insertShop(tx, consent, shop, credentialId)
        : await reconnectShop(tx, consent, shop, credentialId, known),
    );
    if (known?.credential_id != null && known.credential_id !== credentialId) {
      leftGrants.add(known.credential_id);
    }
  }
  await destroyUnusedGrants(tx, [...leftGrants]);
  return shops;
}

async function insertShop(
  tx: Transaction,
  { dataKeys, choose }: ConsentToStore,
  shop: AuthorizedShop,
  credentialId: number,
): Promise<ConnectedShop> {
  const { timeZone, currency } = regionDefaults(shop.region);
  const key = await dataKeys.create(tx);
  const [row] = await tx<{ shop_id: string }[]>`
    insert into shops ${tx({
      tiktok_shop_id: shop.id,
      credential_id: credentialId,
      data_key_id: key.dataKeyId,
      shop_cipher: sealShopCipher(key, shop.id, shop.cipher),
      name: shop.name,
      region: shop.region,
      seller_type: shop.seller_type,
      currency,
      time_zone: timeZone,
      sync_enabled: !choose,
    })} returning shop_id`;
  if (row === undefined) throw new Error('The shop was not stored.');
  return { ...described(shop), shopId: row.shop_id, syncEnabled: !choose, isNew: true, wasParked: false };
}

async function reconnectShop(
  tx: Transaction,
  { dataKeys, choose }: ConsentToStore,
  shop: AuthorizedShop,
  credentialId: number,
  known: KnownShop,
): Promise<ConnectedShop> {
  const wasDisconnected = known.status === 'disconnected';
  if (known.data_key_id === null) throw beingErased(known.shop_id);
  const key = await dataKeys.load(tx, known.data_key_id);
  const [row] = await tx<{ sync_enabled: boolean }[]>`
    update shops set
      credential_id = ${credentialId}, shop_cipher = ${sealShopCipher(key, shop.id, shop.cipher)},
      name = ${shop.name}, region = ${shop.region}, seller_type = ${shop.seller_type},
      status = 'active', parked_reason = null, last_error = null, access_ended_at = null,
      sync_enabled = case when ${wasDisconnected} then ${!choose} else sync_enabled end,
      connected_at = case when ${wasDisconnected} then now() else connected_at end,
      updated_at = now()
    where shop_id = ${known.shop_id}
    returning sync_enabled`;
  if (row === undefined) throw new Error('The shop vanished under its lock.');
  return {
    ...described(shop),
    shopId: known.shop_id,
    syncEnabled: row.sync_enabled,
    isNew: false,
    wasParked: known.status === 'parked',
  };
}

function beingErased(shopId: string): TidelineError {
  return new TidelineError({
    code: 'shop-being-erased',
    message: `${shopId} is being erased.`,
    action: 'Connect it again when its erasure is finished, in a minute or two.',
    actor: 'user',
    status: 409,
  });
}

function described(shop: AuthorizedShop) {
  return { tiktokShopId: shop.id, name: shop.name, region: shop.region };
}
