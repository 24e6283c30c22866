import type { StreamName } from '../analytics/streams.ts';
import type { Sql } from '../db/pool.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import { readCurrencies } from '../db/reports/analytics-coverage.ts';
import type { ShopControl } from './dependencies.ts';
import type { Principal } from './principal.ts';
import { badRequest } from './problem.ts';
import { type SeenShop, seeShop } from './shop-access.ts';

/** Shops whose figures are added up, with what they all sell in. */
export interface SummedShops extends SeenShop {
  /** Beside the shop in the path. */
  others: ShopScope[];
  /** Null while no currency of theirs is known. */
  currency: string | null;
}

/**
 * The shop in a path and those of `shops=`, each of which the asker may see.
 *
 * @throws RequestError 404 for one that they may not, 400 for shops of several currencies
 */
export async function seeSummedShops(
  { sql, shops }: { sql: Sql; shops: ShopControl },
  principal: Principal,
  { shop: id, shops: named = [], stream }: { shop: string; shops?: string[] | undefined; stream: StreamName },
): Promise<SummedShops> {
  const { shop, scope } = await seeShop(shops, principal, id);
  const others = await Promise.all(
    named.map(async (other) => (await seeShop(shops, principal, other)).scope),
  );
  const currencies = await readCurrencies(scope, sql, others, stream);
  if (currencies.length <= 1) return { shop, scope, others, currency: currencies[0] ?? null };
  const message = `the shops sell in ${currencies.join(' and ')}: sums of several currencies mean nothing.`;
  throw badRequest([{ path: 'shops', message }]);
}
