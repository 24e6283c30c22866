import type { Freshness, RunStatus } from '../../sync/types.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { WindowReason } from '../queries/reconciliations.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import type { SliceAxis } from '../queries/slices.ts';

/** Windows of one reconciliation that a list shows, those with something to say first. */
const mostWindows = 200;
/** Ids shown of one window. */
const mostIds = 100;

export interface ReconciliationWindow {
  axis: SliceAxis;
  from: string;
  to: string;
  reason: WindowReason;
  status: 'pending' | 'equal' | 'repaired' | 'different';
  upstream_count: number | null;
  stored_count: number | null;
  missing_repaired: number;
  changed_repaired: number;
  unexpected: number;
  missing_ids: string[];
  unexpected_ids: string[];
}

export interface ReconciliationReport {
  run_id: string;
  status: RunStatus;
  started_at: string | null;
  finished_at: string | null;
  compared_to: string;
  overlap_s: number;
  api_calls: number;
  rows_checked: number;
  damaged_repaired: number;
  missing_repaired: number;
  changed_repaired: number;
  unexpected: number;
  open_orders: { due: number; left: number };
  freshness: Freshness | null;
  windows_total: number;
  windows: ReconciliationWindow[];
}

type Row = Omit<
  ReconciliationReport,
  'started_at' | 'finished_at' | 'compared_to' | 'open_orders' | 'windows'
> & {
  started_at: Date | null;
  finished_at: Date | null;
  compared_to: number;
  due: number;
  left: number;
  windows: (Omit<ReconciliationWindow, 'from' | 'to'> & { from: number; to: number })[];
};

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Reconciliations of a shop, newest first, with what each of their windows came to. */
export async function listReconciliations(
  scope: ShopScope,
  sql: Sql | Transaction,
  { limit, after }: { limit: number; after: string | null },
): Promise<ReconciliationReport[]> {
  const windows = windowsOf(sql);
  const rows = await sql<Row[]>`
    select run_id, status, started_at, finished_at, compared_to, overlap_seconds as overlap_s, api_calls,
      checked_rows as rows_checked, found.*, open_orders_due as due, open_orders_left as left, freshness,
      (select count(*) from reconciliation_windows w where w.run_id = r.run_id and status <> 'split') as windows_total,
      (${windows}) as windows
    from reconciliations r join sync_runs using (run_id) cross join lateral (
      select count(*) filter (where kind = 'damaged') as damaged_repaired,
        count(*) filter (where kind = 'missing') as missing_repaired,
        count(*) filter (where kind = 'changed') as changed_repaired,
        count(*) filter (where kind = 'unexpected') as unexpected
      from reconciliation_findings f where f.run_id = r.run_id
    ) found
    where r.shop_id = ${scope.shopId} and (${after}::text is null or run_id < ${after})
    order by run_id desc limit ${limit}`;
  return rows.map(({ due, left, compared_to, started_at, finished_at, windows, ...row }) => ({
    ...row,
    started_at: started_at?.toISOString() ?? null,
    finished_at: finished_at?.toISOString() ?? null,
    compared_to: instant(compared_to),
    open_orders: { due, left },
    windows: windows.map((window) => ({ ...window, from: instant(window.from), to: instant(window.to) })),
  }));
}

function windowsOf(sql: Sql | Transaction) {
  return sql`
    select coalesce(json_agg(shown), '[]') from (
      select axis, range_from as "from", range_to as "to", reason, status, upstream_count, stored_count,
        count(record_id) filter (where kind = 'missing') as missing_repaired,
        count(record_id) filter (where kind = 'changed') as changed_repaired,
        count(record_id) filter (where kind = 'unexpected') as unexpected,
        coalesce((array_agg(record_id order by record_id) filter (where kind = 'missing'))[1:${mostIds}::int], '{}')
          as missing_ids,
        coalesce((array_agg(record_id order by record_id) filter (where kind = 'unexpected'))[1:${mostIds}::int], '{}')
          as unexpected_ids
      from reconciliation_windows w left join reconciliation_findings f using (window_id)
      where w.run_id = r.run_id and status <> 'split'
      group by window_id
      order by status in ('pending', 'equal'), axis, range_from, window_id limit ${mostWindows}
    ) shown`;
}

export async function countReconciliations(scope: ShopScope, sql: Sql | Transaction): Promise<number> {
  const [row] = await sql<{ total: number }[]>`
    select count(*) as total from reconciliations where shop_id = ${scope.shopId}`;
  return row?.total ?? 0;
}
