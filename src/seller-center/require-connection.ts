import type { Sql } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { DataKeys } from '../shops/data-keys.ts';
import { type ConnectionRow, findConnection, notConnected } from './connections.ts';
import { seedConnection } from './seed-connection.ts';
import type { SellerCenterConfig } from './settings.ts';

/**
 * The connection of a shop that may be asked for data; the session of the environment is taken in first.
 *
 * @throws TidelineError 409 when there is none, or it is parked: then it says why.
 */
export async function requireConnection(
  { sql, dataKeys, config }: { sql: Sql; dataKeys: DataKeys; config: SellerCenterConfig },
  shopId: string,
): Promise<ConnectionRow> {
  await seedConnection(sql, dataKeys, config, shopId);
  const row = await findConnection(sql, shopId);
  if (row === null) throw notConnected(shopId);
  if (row.status === 'active') return row;
  const { code, title, action } = row.last_error ?? {};
  throw new TidelineError({
    code: code ?? 'seller-center-parked',
    message: title ?? 'The seller center waits for its owner.',
    action: action ?? 'Hand over a new session of the seller center.',
    actor: 'user',
    status: 409,
  });
}
