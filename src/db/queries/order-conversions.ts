import type { PaidContent } from '../../conversions/orders/decide-order.ts';
import type { FollowUpKind, FollowUpOutcome } from '../../conversions/orders/follow-up.ts';
import { bulk, type Column, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** Shops with marked orders that are due. */
export async function shopsWithMarkedOrders(sql: Sql): Promise<string[]> {
  const rows = await sql<{ shop_id: string }[]>`
    select distinct shop_id from order_conversion_marks where due_at <= now() order by shop_id`;
  return rows.map((row) => row.shop_id);
}

/** A marked order as it is stored now, with what was decided about it before. */
export interface MarkedOrder {
  orderId: string;
  /** The marks that were seen. */
  marks: number[];
  status: string;
  paidAt: number;
  currency: string;
  totalAmount: string;
  buyerId: string | null;
  isSample: boolean | null;
  contents: PaidContent[];
  /** What the purchase was told with; null while it was not told. */
  toldAmount: string | null;
  /** What of it has been taken back since; never negative. */
  takenBack: string;
  /** The last follow-ups, by kind, with their amounts. */
  followUps: Partial<Record<FollowUpKind, string>>;
}

/** Marked orders of a shop that are due, in the order of their ids. */
export async function markedOrders(sql: Sql, shopId: string, limit: number): Promise<MarkedOrder[]> {
  return sql<MarkedOrder[]>`
    with marked as (
      select order_id, array_agg(mark_id)::float8[] as marks from (
        select mark_id, order_id from order_conversion_marks
        where shop_id = ${shopId} and due_at <= now() order by due_at limit ${limit}) due
      group by order_id
    )
    select o.order_id as "orderId", marked.marks, o.status, extract(epoch from o.paid_at)::bigint as "paidAt", o.currency,
      o.total_amount as "totalAmount", o.buyer_id as "buyerId", o.is_sample as "isSample", lines.contents,
      c.amount as "toldAmount",
      greatest(0, c.amount - o.total_amount, least(c.amount, lines.cancelled))::text as "takenBack",
      coalesce((select json_object_agg(kind, amount::text) from order_follow_ups f
        where f.shop_id = o.shop_id and f.order_id = o.order_id), '{}') as "followUps"
    from marked join orders o on o.shop_id = ${shopId} and o.order_id = marked.order_id
    left join order_conversions c on c.shop_id = o.shop_id and c.order_id = o.order_id and c.decision = 'told',
    lateral (
      select coalesce(json_agg(json_build_object('productId', product_id, 'productName', product_name,
          'unitPrice', unit_price::text, 'quantity', quantity) order by position), '[]') as contents,
        coalesce(sum(cancelled), 0) as cancelled
      from (
        select product_id, min(product_name) as product_name, unit_price, count(*) as quantity, min(position) as position,
          sum(unit_price) filter (where display_status = 'CANCELLED') as cancelled
        from line_items l where l.shop_id = o.shop_id and l.order_id = o.order_id
        group by product_id, unit_price) grouped) lines
    where o.paid_at is not null
    order by o.order_id`;
}

/** What was decided about an order. */
export interface DecidedOrder {
  orderId: string;
  /** Null: it was left out, for `reason`. */
  eventId: string | null;
  reason: string | null;
  amount: string;
  currency: string;
}

const columns: readonly Column[] = [
  ['order_id', 'text'],
  ['decision', 'text'],
  ['event_id', 'text'],
  ['reason', 'text'],
  ['amount', 'numeric'],
  ['currency', 'text'],
];
const names = columns.map(([name]) => name).join(', ');

// What was told stays told, with the amount that was told.
const upsert = `
insert into order_conversions as stored (shop_id, ${names})
select $1, ${names} from ${unnestClause(columns, 'incoming', 2)} order by order_id
on conflict (shop_id, order_id) do update set decision = excluded.decision, event_id = excluded.event_id,
  reason = excluded.reason, amount = excluded.amount, currency = excluded.currency,
  decided_at = excluded.decided_at
where stored.decision = 'left_out'`;

export async function writeDecisions(
  tx: Transaction,
  shopId: string,
  decided: readonly DecidedOrder[],
): Promise<void> {
  if (decided.length === 0) return;
  const rows = decided.map(({ orderId, eventId, reason, amount, currency }) => ({
    order_id: orderId,
    decision: eventId === null ? 'left_out' : 'told',
    ...{ event_id: eventId, reason, amount, currency },
  }));
  await bulk(tx, upsert, [shopId, ...columnArrays(columns, rows)]);
}

/** Removes marks that were seen. */
export async function removeMarks(tx: Transaction, marks: readonly number[]): Promise<void> {
  await tx`delete from order_conversion_marks where mark_id = any(${[...marks]}::bigint[])`;
}

/** Puts marks off for a while. */
export async function postponeMarks(
  tx: Transaction,
  marks: readonly number[],
  waitMs: number,
): Promise<void> {
  await tx`
    update order_conversion_marks set due_at = now() + make_interval(secs => ${waitMs / 1_000})
    where mark_id = any(${[...marks]}::bigint[])`;
}

/** Removes the marks of orders that are gone, or of a shop that is no source any more. */
export async function removeIdleMarks(sql: Sql, shopId: string): Promise<void> {
  // An order and its mark come in one commit, and so do a source and its marks: whoever sees the one sees the other.
  await sql`
    delete from order_conversion_marks m where shop_id = ${shopId} and (
      not exists (select 1 from conversion_sources s where s.shop_id = m.shop_id and s.enabled)
      or not exists (select 1 from orders o
        where o.shop_id = m.shop_id and o.order_id = m.order_id and o.paid_at is not null))`;
}

/** A decision as the API shows it. */
export interface OrderConversion {
  order_id: string;
  decision: 'told' | 'left_out';
  reason: string | null;
  event_id: string | null;
  amount: string;
  currency: string;
  decided_at: Date;
  follow_ups: {
    kind: FollowUpKind;
    amount: string;
    decided_at: string;
    outcomes: { destination: string; delivery_id: string; outcome: FollowUpOutcome }[];
  }[];
}

export interface OrderConversionFilter {
  orderId: string | null;
  decision: 'told' | 'left_out' | null;
  /** Only orders with a follow-up of this kind; null: all. */
  followUp: FollowUpKind | null;
}

/** Decisions about a shop's orders, newest first, behind the one that `after` names. */
export function listOrderConversions(
  scope: ShopScope,
  sql: Sql,
  filter: OrderConversionFilter,
  { after, limit }: { after: { decidedAt: string; orderId: string } | null; limit: number },
): Promise<OrderConversion[]> {
  return sql<OrderConversion[]>`
    select order_id, decision, reason, event_id, amount, currency, decided_at,
      coalesce((select json_agg(json_build_object('kind', kind, 'amount', f.amount::text,
          'decided_at', to_json(f.decided_at at time zone 'UTC')#>>'{}' || 'Z', 'outcomes', outcomes) order by kind)
        from order_follow_ups f where f.shop_id = c.shop_id and f.order_id = c.order_id), '[]') as follow_ups
    from order_conversions c
    where shop_id = ${scope.shopId} and ${matching(sql, filter)}
      and (${after?.decidedAt ?? null}::timestamptz is null
        or (decided_at, order_id) < (${after?.decidedAt ?? null}::timestamptz, ${after?.orderId ?? null}))
    order by decided_at desc, order_id desc limit ${limit}`;
}

export async function countOrderConversions(
  scope: ShopScope,
  sql: Sql,
  filter: OrderConversionFilter,
): Promise<number> {
  const [row] = await sql<{ decisions: number }[]>`
    select count(*) as decisions from order_conversions c where shop_id = ${scope.shopId} and ${matching(sql, filter)}`;
  return row?.decisions ?? 0;
}

function matching(sql: Sql, { orderId, decision, followUp }: OrderConversionFilter) {
  return sql`
    (${orderId}::text is null or order_id = ${orderId}) and (${decision}::text is null or decision = ${decision})
    and (${followUp}::text is null or exists (select 1 from order_follow_ups f
      where f.shop_id = c.shop_id and f.order_id = c.order_id and f.kind = ${followUp}))`;
}
