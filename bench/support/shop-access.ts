import { type CredentialRow, openToken } from '../../src/shops/credentials.ts';
import type { DataKeys } from '../../src/shops/data-keys.ts';
import { openShopCipher, type SealedShopCipher } from '../../src/shops/shop-cipher.ts';
import type { Rig } from './rig.ts';
import type { UpstreamAccess } from './upstream-pages.ts';

/** The first shop's own access, for reading its orders without the engine. */
export async function shopAccess({ sql, simulator }: Rig, dataKeys: DataKeys): Promise<UpstreamAccess> {
  const [row] = await sql<(CredentialRow & SealedShopCipher)[]>`
    select c.*, s.tiktok_shop_id, s.data_key_id as shop_key_id, s.shop_cipher
    from shops s join credentials c using (credential_id) where s.shop_id = 'shop-1'`;
  if (row === undefined) throw new Error('No shop is connected.');
  const { url, appKey, appSecret } = simulator.address;
  const accessToken = await openToken(sql, dataKeys, row, 'access-token', row.access_token);
  return { url, appKey, appSecret, accessToken, shopCipher: await openShopCipher(sql, dataKeys, row) };
}
