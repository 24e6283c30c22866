import type { MappedOrder, QuarantinedRecord } from '../../sources/tiktok-shop/streams/orders/map.ts';
import type { Sql } from '../pool.ts';
import type { NewWindow } from './reconciliations.ts';

/** Records that are stored or set aside in a range, as upstream's total would count them. */
export async function countStored(
  sql: Sql,
  shopId: string,
  { axis, from, to }: Pick<NewWindow, 'axis' | 'from' | 'to'>,
): Promise<number> {
  const column = axis === 'create_time' ? 'created_at' : 'updated_at';
  const [counted] = await sql<{ stored: number }[]>`
    select (select count(*) from orders where shop_id = ${shopId} and ${sql(column)} >= to_timestamp(${from})
        and ${sql(column)} < to_timestamp(${to})) +
      (select count(*) from quarantined_records aside where aside.shop_id = ${shopId} and stream = 'orders'
        and ${axis} = 'create_time' and aside.created_at >= ${from}::bigint and aside.created_at < ${to}::bigint
        and not exists (select from orders where orders.shop_id = ${shopId} and order_id = record_id)) as stored`;
  return counted?.stored ?? 0;
}

export interface PageComparison {
  /** Neither stored nor set aside. */
  missing: (MappedOrder | QuarantinedRecord)[];
  /** Stored in an older version. */
  outdated: MappedOrder[];
  /** Stored with the same update time and other content. */
  silent: MappedOrder[];
}

/** Holds the records of a page against what is stored. A row that is newer than the page is none of its business. */
export async function comparePage(
  sql: Sql,
  shopId: string,
  records: readonly (MappedOrder | QuarantinedRecord)[],
): Promise<PageComparison> {
  const ids = records.map((record) => record.recordId);
  const [stored, aside] = await Promise.all([
    sql<{ order_id: string; row_hash: string; updated: number }[]>`
      select order_id, row_hash::text as row_hash, extract(epoch from updated_at)::bigint as updated
      from orders where shop_id = ${shopId} and order_id = any(${ids})`,
    sql<{ record_id: string }[]>`
      select record_id from quarantined_records
      where shop_id = ${shopId} and stream = 'orders' and record_id = any(${ids})`,
  ]);
  const rows = new Map(stored.map((row) => [row.order_id, row]));
  const setAside = new Set(aside.map((row) => row.record_id));
  const comparison: PageComparison = { missing: [], outdated: [], silent: [] };
  for (const record of records) {
    const row = rows.get(record.recordId);
    if (row === undefined) {
      if (!setAside.has(record.recordId)) comparison.missing.push(record);
      else if (record.kind === 'order') comparison.outdated.push(record);
    } else if (record.kind === 'order' && row.updated <= record.updateTime) {
      if (row.updated < record.updateTime) comparison.outdated.push(record);
      else if (row.row_hash !== String(record.rowHash)) comparison.silent.push(record);
    }
  }
  return comparison;
}

/** Line items and packages that outlived their order would stand in the way of its return. */
export async function clearRemains(sql: Sql, shopId: string, orderIds: readonly string[]): Promise<void> {
  for (const table of ['line_items', 'packages']) {
    await sql`
      delete from ${sql(table)} part where shop_id = ${shopId} and order_id = any(${[...orderIds]})
        and not exists (select from orders where orders.shop_id = ${shopId} and orders.order_id = part.order_id)`;
  }
}

/** Ids that are neither stored nor set aside. */
export async function countAbsent(sql: Sql, shopId: string, ids: ReadonlySet<string>): Promise<number> {
  const [counted] = await sql<{ absent: number }[]>`
    select count(*) as absent from unnest(${[...ids]}::text[]) as record_id
    where (select 1 from orders where shop_id = ${shopId} and order_id = record_id) is null
      and (select 1 from quarantined_records q
        where q.shop_id = ${shopId} and q.stream = 'orders' and q.record_id = record_id.record_id) is null`;
  return counted?.absent ?? 0;
}

/** Orders stored in a range of creation time that are not among the ids which upstream lists there. */
export async function findUnexpected(
  sql: Sql,
  shopId: string,
  { from, to }: { from: number; to: number },
  listed: ReadonlySet<string>,
): Promise<string[]> {
  const rows = await sql<{ order_id: string }[]>`
    select order_id from orders where shop_id = ${shopId} and created_at >= to_timestamp(${from})
      and created_at < to_timestamp(${to})`;
  return rows.map((row) => row.order_id).filter((id) => !listed.has(id));
}
