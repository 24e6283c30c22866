import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** A record that was set aside, as the API shows it: where it is at fault and why, nothing of what it holds. */
export interface SetAside {
  record_id: string;
  stream: string;
  path: string;
  reason: string;
  first_seen_at: string;
  last_seen_at: string;
  /** The run that brought the version which is set aside. */
  run_id: string | null;
  tiktok_request_id: string | null;
}

export interface SetAsidePosition {
  firstSeenAt: string;
  recordId: string;
}

/** Records set aside, newest first, with the position behind each. */
export async function listSetAside(
  scope: ShopScope,
  sql: Sql | Transaction,
  { after, limit }: { after: SetAsidePosition | null; limit: number },
): Promise<{ record: SetAside; position: SetAsidePosition }[]> {
  type Row = Omit<SetAside, 'first_seen_at' | 'last_seen_at'> & { first: Date; last: Date; exactly: string };
  const rows = await sql<Row[]>`
    select q.record_id, q.stream, q.path, q.reason, q.first_seen_at as first, q.last_seen_at as last, p.run_id,
      p.tiktok_request_id, to_char(q.first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as exactly
    from quarantined_records q left join raw_pages p on p.page_id = q.page_id and p.shop_id = q.shop_id
    where q.shop_id = ${scope.shopId} and (${after === null}
      or (q.first_seen_at, q.record_id) < (${after?.firstSeenAt ?? 'infinity'}::text::timestamptz, ${after?.recordId ?? ''}))
    order by q.first_seen_at desc, q.record_id desc limit ${limit}`;
  return rows.map(({ first, last, exactly, ...row }) => ({
    record: { ...row, first_seen_at: first.toISOString(), last_seen_at: last.toISOString() },
    position: { firstSeenAt: exactly, recordId: row.record_id },
  }));
}

export async function countSetAside(scope: ShopScope, sql: Sql | Transaction): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from quarantined_records where shop_id = ${scope.shopId}`;
  return row?.count ?? 0;
}
