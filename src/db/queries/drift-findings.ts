import type { DriftKind } from '../../sources/tiktok-shop/streams/drift.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** Something that TikTok sends and does not document, as the API shows it. */
export interface RecordedDrift {
  stream: string;
  path: string;
  kind: DriftKind;
  /** Shapes, or codes of code fields. */
  samples: string[];
  occurrences: number;
  first_seen_at: string;
  last_seen_at: string;
}

/** Drift by stream, path and kind, behind `after`. */
export async function listDrift(
  scope: ShopScope,
  sql: Sql | Transaction,
  { after, limit }: { after: Pick<RecordedDrift, 'stream' | 'path' | 'kind'> | null; limit: number },
): Promise<RecordedDrift[]> {
  const { stream = '', path = '', kind = '' } = after ?? {};
  type Row = Omit<RecordedDrift, 'first_seen_at' | 'last_seen_at'> & { first: Date; last: Date };
  const rows = await sql<Row[]>`
    select stream, path, kind, samples, occurrences, first_seen_at as first, last_seen_at as last
    from drift_findings
    where shop_id = ${scope.shopId} and (stream collate "C", path, kind collate "C") > (${stream}, ${path}, ${kind})
    order by stream collate "C", path, kind collate "C" limit ${limit}`;
  return rows.map(({ first, last, ...row }) => ({
    ...row,
    first_seen_at: first.toISOString(),
    last_seen_at: last.toISOString(),
  }));
}

export async function countDrift(scope: ShopScope, sql: Sql | Transaction): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from drift_findings where shop_id = ${scope.shopId}`;
  return row?.count ?? 0;
}
