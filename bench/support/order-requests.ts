import type { Sql } from '../../src/db/pool.ts';

export type RequestKind = 'list' | 'detail' | 'statistics of days' | 'statistics with free filters';

/** A request, and what a plain query says that its answer must be. */
export interface OrderRequest {
  kind: RequestKind;
  path: string;
  /** What of the answer is compared, as `pick` takes it. */
  expected: string;
}

interface Narrowing {
  query: string;
  /** The same in plain SQL over `orders o`. */
  where: string;
}

interface Sample {
  order_id: string;
  buyer_id: string;
  tracking_number: string;
  product_id: string;
  sku_id: string;
  product_name: string;
  seller_sku: string;
  created_at: Date;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const inLines = (condition: string): string =>
  `exists (select 1 from line_items l where l.shop_id = o.shop_id and l.order_id = o.order_id and ${condition})`;

function searched(text: string): Narrowing {
  const like = `like ${quoted(`%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`)}`;
  const fields = ['product_name', 'seller_sku', 'tracking_number'].map(
    (field) => `lower(l.${field}) ${like}`,
  );
  return {
    query: `search=${encodeURIComponent(text)}`,
    where: `(o.order_id ${like} or lower(o.tracking_number) ${like} or ${inLines(`(${fields.join(' or ')})`)})`,
  };
}

/** Filters that the totals of days answer. */
function byDays({ created_at: at }: Sample): Narrowing[] {
  const day = at.toISOString().slice(0, 10);
  const later = new Date(at.getTime() + 31 * 86_400_000).toISOString().slice(0, 10);
  const from = `created_ge=${day}T08:00:00Z`;
  const range = `o.created_at >= '${day}T08:00:00Z'`;
  return [
    { query: '', where: 'true' },
    { query: 'status=COMPLETED', where: "o.status = 'COMPLETED'" },
    { query: 'status=CANCELLED&status=UNPAID', where: "o.status in ('CANCELLED', 'UNPAID')" },
    { query: 'status=UNPAID', where: "o.status = 'UNPAID'" },
    { query: from, where: range },
    {
      query: `${from}&created_lt=${later}T03:30:00Z`,
      where: `${range} and o.created_at < '${later}T03:30:00Z'`,
    },
  ];
}

/** All the other filters. */
function free(sample: Sample): Narrowing[] {
  const day = sample.created_at.toISOString();
  return [
    { query: `id=${sample.order_id}`, where: `o.order_id = ${quoted(sample.order_id)}` },
    { query: `buyer=${sample.buyer_id}`, where: `o.buyer_id = ${quoted(sample.buyer_id)}` },
    {
      query: `product_id=${sample.product_id}`,
      where: inLines(`l.product_id = ${quoted(sample.product_id)}`),
    },
    { query: `sku_id=${sample.sku_id}`, where: inLines(`l.sku_id = ${quoted(sample.sku_id)}`) },
    { query: 'brand=Harbour', where: 'false' },
    { query: 'min_total=400.00', where: 'o.total_amount >= 400' },
    { query: 'min_total=100.00', where: 'o.total_amount >= 100' },
    { query: `updated_lt=${day}`, where: `o.updated_at < '${day}'` },
    {
      query: `status=COMPLETED&min_total=50&product_id=${sample.product_id}`,
      where: `o.status = 'COMPLETED' and o.total_amount >= 50
        and ${inLines(`l.product_id = ${quoted(sample.product_id)}`)}`,
    },
    searched(sample.order_id),
    searched(sample.order_id.slice(-7)),
    searched(sample.tracking_number),
    searched(sample.seller_sku),
    searched(sample.product_name.slice(-9)),
  ];
}

const orders = [
  { query: '', by: 'o.created_at desc, o.order_id desc' },
  { query: 'sort=updated_at', by: 'o.updated_at desc, o.order_id desc' },
  { query: 'sort=total_amount', by: 'o.total_amount desc, o.order_id desc' },
  { query: 'order=asc', by: 'o.created_at, o.order_id' },
];

const together = (...parts: string[]): string => parts.filter((part) => part !== '').join('&');

/** What is compared of an answer. */
export function pick(kind: RequestKind, body: unknown): string {
  const { data, total, order_id, line_items, total_orders, gmv, by_day } = body as Record<string, unknown>;
  if (kind === 'list')
    return JSON.stringify([(data as { order_id: string }[]).map((one) => one.order_id), total]);
  if (kind === 'detail') return JSON.stringify([order_id, (line_items as unknown[]).length > 0]);
  return JSON.stringify([total_orders, gmv, (by_day as unknown[]).length]);
}

/** Requests of every kind, for several orders drawn from all of the history, each with its right answer. */
export async function makeOrderRequests(sql: Sql, shopId: string): Promise<OrderRequest[]> {
  const samples = await sql<Sample[]>`
    select * from (
      select distinct on (o.created_at::date) o.order_id, o.buyer_id, o.tracking_number, o.created_at,
        l.product_id, l.sku_id, l.product_name, l.seller_sku
      from orders o join line_items l using (shop_id, order_id)
      where o.shop_id = ${shopId} and o.tracking_number is not null and l.position = 0
    ) as one order by md5(order_id) limit 3`;
  const path = `/api/v1/shops/${shopId}/orders`;
  const requests: OrderRequest[] = [];
  const list = async ({ query, where }: Narrowing, nth: number, total: boolean): Promise<void> => {
    const order = orders[nth % orders.length] ?? { query: '', by: '' };
    const rows = await sql.unsafe<{ order_id: string }[]>(
      `select o.order_id from orders o where o.shop_id = $1 and ${where} order by ${order.by} limit 50`,
      [shopId],
    );
    const [counted] = total
      ? await sql.unsafe<{ total: number }[]>(
          `select count(*) as total from orders o where o.shop_id = $1 and ${where}`,
          [shopId],
        )
      : [];
    const expected = JSON.stringify([rows.map((row) => row.order_id), counted?.total]);
    const all = together(query, order.query, total ? 'with_total=true' : '');
    requests.push({ kind: 'list', path: `${path}?${all}`, expected });
  };
  const statistics = async (kind: RequestKind, { query, where }: Narrowing): Promise<void> => {
    const [row] = await sql.unsafe<{ orders: number; gmv: string; days: number }[]>(
      `select count(*) as orders,
         coalesce(sum(o.total_amount) filter (where o.status <> 'UNPAID'), 0.00)::text as gmv,
         count(distinct (o.created_at at time zone 'UTC' - interval '8 hours')::date) as days
       from orders o where o.shop_id = $1 and ${where}`,
      [shopId],
    );
    const expected = JSON.stringify([row?.orders, row?.gmv, row?.days]);
    requests.push({ kind, path: `${path}/stats?${query}`, expected });
  };
  for (const [nth, sample] of samples.entries()) {
    requests.push({
      kind: 'detail',
      path: `${path}/${sample.order_id}`,
      expected: JSON.stringify([sample.order_id, true]),
    });
    for (const [index, narrowing] of [...byDays(sample), ...free(sample)].entries()) {
      await list(narrowing, nth + index, index % 4 === 0);
    }
    for (const narrowing of byDays(sample)) await statistics('statistics of days', narrowing);
    for (const narrowing of free(sample)) await statistics('statistics with free filters', narrowing);
  }
  return requests;
}
