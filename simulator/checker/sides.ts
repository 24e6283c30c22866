import type { Sql } from 'postgres';
import { readNdjson } from './ndjson.ts';

/** One order as either side has it; times in Unix seconds, money as plain decimal text. */
export interface OrderRow {
  id: string;
  status: string;
  createTime: number;
  updateTime: number;
  currency: string | null;
  totalAmount: string | null;
  subTotal: string | null;
  lineCount: number;
  lineSum: string | null;
  trackingNumber: string;
}

export interface UpstreamRow extends OrderRow {
  /** Made unreadable on purpose. */
  poison: string | null;
  /** Can only be set aside. */
  quarantine: boolean;
}

export interface StoredRow extends OrderRow {
  itemsCount: number;
}

/** Streams the simulator's truth in byte order of the ids. Throws a TidelineError when it does not answer. */
export async function* readUpstream(controlUrl: string, tiktokShopId: string): AsyncGenerator<UpstreamRow> {
  const url = `${controlUrl}/shops/${encodeURIComponent(tiktokShopId)}/truth`;
  for await (const order of readNdjson(url, `what shop ${tiktokShopId} holds`)) yield toUpstream(order);
}

function toUpstream(order: Record<string, unknown>): UpstreamRow {
  const text = (name: string): string | null => (order[name] == null ? null : String(order[name]));
  return {
    id: text('id') ?? '',
    status: text('status') ?? '',
    createTime: Number(order.create_time),
    updateTime: Number(order.update_time),
    currency: text('currency'),
    totalAmount: text('total_amount'),
    subTotal: text('sub_total'),
    lineCount: Number(order.line_count),
    lineSum: text('line_sum'),
    trackingNumber: text('tracking_number') ?? '',
    poison: text('poison'),
    quarantine: order.quarantine === true,
  };
}

/** Streams the stored orders of a shop in byte order of the ids, with the count and sum of their lines. */
export async function* readStored(sql: Sql, shopId: string): AsyncGenerator<StoredRow> {
  const rows = sql`
    select o.order_id, o.status, floor(extract(epoch from o.created_at))::bigint::text as create_time,
      floor(extract(epoch from o.updated_at))::bigint::text as update_time, o.currency, o.total_amount::text,
      o.sub_total::text, o.tracking_number, o.items_count, coalesce(l.lines, 0)::int as lines, coalesce(l.line_sum, 0)::text as line_sum
    from tideline.orders o
    left join (
      select order_id, count(*) as lines, sum(unit_price) as line_sum
      from tideline.line_items where shop_id = ${shopId} group by order_id
    ) l on l.order_id = o.order_id
    where o.shop_id = ${shopId}
    order by o.order_id collate "C"
  `.cursor(2_000);
  for await (const batch of rows) {
    for (const row of batch) {
      yield {
        id: String(row.order_id),
        status: String(row.status),
        createTime: Number(row.create_time),
        updateTime: Number(row.update_time),
        currency: textOrNull(row.currency),
        totalAmount: textOrNull(row.total_amount),
        subTotal: textOrNull(row.sub_total),
        lineCount: Number(row.lines),
        lineSum: textOrNull(row.line_sum),
        trackingNumber: textOrNull(row.tracking_number) ?? '',
        itemsCount: Number(row.items_count),
      };
    }
  }
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
