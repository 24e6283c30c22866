import type { Sql } from '../db/pool.ts';
import type { DataKeys } from '../shops/data-keys.ts';
import {
  connectSellerCenter,
  findConnection,
  fingerprintOf,
  lockShopKey,
  readSession,
} from './connections.ts';
import type { SellerCenterConfig } from './settings.ts';

/**
 * Brings the session of the environment into the only shop that is connected: there is no telling whose it would be of
 * several. A session that is stored already changes nothing, not even whether it is parked; one that a person handed
 * over stays.
 *
 * @throws TidelineError when the variables do not make a session.
 */
export async function seedConnection(
  sql: Sql,
  dataKeys: DataKeys,
  config: SellerCenterConfig,
  shopId: string,
): Promise<void> {
  const { session } = config;
  if (session === null) return;
  const shops = await sql<
    { shop_id: string }[]
  >`select shop_id from shops where status <> 'disconnected' limit 2`;
  if (shops.length !== 1 || shops[0]?.shop_id !== shopId) return;
  const known = await findConnection(sql, shopId);
  if (known !== null && !known.from_environment) return;
  if (known !== null) {
    const fingerprint = await sql.begin(async (tx) =>
      fingerprintOf(await lockShopKey(tx, dataKeys, shopId), readSession(session)),
    );
    if (known.session_fingerprint.equals(fingerprint)) return;
  }
  await connectSellerCenter({
    ...{ sql, dataKeys, config, shopId, session, fromEnvironment: true },
    changes: { signer: config.signer, profile: config.profile },
  });
}
