import type postgres from 'postgres';
import type { Day } from '../../analytics/calendar.ts';
import type { StreamName } from '../../analytics/streams.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';

/** A figure that TikTok corrected after it was read. */
export interface Restatement {
  date: Day;
  stream: StreamName;
  /** The row's keys, joined by a slash; empty for the shop's own row. */
  key: string;
  field: string;
  /** Exact decimals; null where there was, or is, no such row. */
  old: string | null;
  new: string | null;
  seen_at: string;
}

export interface RestatementFilter {
  stream?: StreamName | undefined;
  /** Days that were restated, both inclusive. */
  start_date?: Day | undefined;
  end_date?: Day | undefined;
}

export interface RestatementRow extends Omit<Restatement, 'seen_at'> {
  id: number;
  seen_at: Date;
}

/** All restatements that the filter leaves, the one seen last first. */
export function selectRestatements(
  { shopId }: ShopScope,
  tx: Transaction,
  { stream, start_date: first, end_date: last }: RestatementFilter,
): postgres.PendingQuery<postgres.Row[]> {
  return tx`
    select restatement_id as id, date::text as date, stream, key, field, old, new, seen_at
    from analytics_restatements
    where shop_id = ${shopId} ${stream === undefined ? tx`` : tx`and stream = ${stream}`}
      ${first === undefined ? tx`` : tx`and date >= ${first}`} ${last === undefined ? tx`` : tx`and date <= ${last}`}
    order by restatement_id desc`;
}

export function showRestatement({ id: _id, seen_at: seenAt, ...row }: RestatementRow): Restatement {
  return { ...row, seen_at: seenAt.toISOString() };
}

/** A page of restatements behind the one with the id `after`. */
export function listRestatements(
  scope: ShopScope,
  sql: Sql,
  filter: RestatementFilter,
  page: { after: number | null; limit: number; withTotal: boolean },
): Promise<{ data: Restatement[]; next: number | null; total?: number }> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const all = selectRestatements(scope, tx, filter);
    const rows = await tx<RestatementRow[]>`
      select * from (${all}) r ${page.after === null ? tx`` : tx`where id < ${page.after}`}
      order by id desc limit ${page.limit + 1}`;
    const shown = rows.slice(0, page.limit);
    const next = rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null;
    const found = { data: shown.map(showRestatement), next };
    if (!page.withTotal) return found;
    const [counted] = await tx<{ total: number }[]>`
      select count(*) as total from (${selectRestatements(scope, tx, filter)}) r`;
    return { ...found, total: counted?.total ?? 0 };
  });
}
