import type { RunStatus, RunStream } from '../../sync/types.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** How many runs of a shop match. */
export async function countRuns(
  scope: ShopScope,
  sql: Sql | Transaction,
  { stream, status }: { stream: RunStream | null; status: RunStatus | null },
): Promise<number> {
  const [row] = await sql<{ total: number }[]>`
    select count(*) as total from sync_runs
    where shop_id = ${scope.shopId} and (${stream}::text is null or stream = ${stream})
      and (${status}::text is null or status = ${status})`;
  return row?.total ?? 0;
}
