import type { Sql } from '../../src/db/pool.ts';

/** An order as a test knows it, beside what the database says. */
export interface OracleOrder {
  order_id: string;
  status: string;
  created_at: Date;
  updated_at: Date;
  currency: string;
  total_amount: string;
  buyer_id: string;
  tracking_number: string | null;
  lines: {
    product_id: string;
    product_name: string;
    sku_id: string;
    seller_sku: string;
    unit_price: string;
  }[];
}

const statuses = [
  'UNPAID',
  'AWAITING_SHIPMENT',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'COMPLETED',
  'CANCELLED',
];
const names = ['Green Tea 100%', 'Tea_Pot', 'Cup \\ Saucer', 'Matcha 🍵', 'Kettle', "O'Brien Mug"];

/** Deterministic orders with many ties in time and amount, over days that shops in different zones cut differently. */
export function makeOrders({
  count,
  seed,
  currency,
}: {
  count: number;
  seed: number;
  currency: string;
}): OracleOrder[] {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const start = Date.UTC(2026, 1, 27, 6, 30);
  return Array.from({ length: count }, (_, index) => {
    const created_at = new Date(start + Math.floor(index / 3) * 1800_000);
    const lines = Array.from({ length: 1 + next(5) }, () => {
      const product = next(names.length);
      return {
        product_id: `${1000 + product}`,
        product_name: names[product] ?? '',
        sku_id: `${1000 + product}-${next(2)}`,
        seller_sku: `SKU-${product}`,
        unit_price: `${5 + next(3)}.${next(2)}0`,
      };
    });
    const cents = lines.reduce((sum, line) => sum + Math.round(Number(line.unit_price) * 100), 0);
    const total_amount = currency === 'JPY' ? `${cents}` : (cents / 100).toFixed(2);
    return {
      order_id: `57${String(seed).padStart(3, '0')}${String(next(1e9)).padStart(9, '0')}${index}`,
      status: statuses[next(statuses.length)] ?? '',
      created_at,
      updated_at: new Date(created_at.getTime() + next(4) * 3_600_000),
      currency,
      total_amount,
      buyer_id: `buyer-${next(30)}`,
      tracking_number: next(3) === 0 ? `TRK${next(1e6)}` : null,
      lines,
    };
  });
}

/** Stores them as a sync would. */
export async function storeOrders(sql: Sql, shopId: string, orders: readonly OracleOrder[]): Promise<void> {
  for (const { lines, ...order } of orders) {
    const row = {
      shop_id: shopId,
      ...order,
      items_count: lines.length,
      row_hash: 1,
      observed_at: order.updated_at,
      page_id: 1,
      page_index: 0,
    };
    await sql`insert into orders ${sql(row)}`;
    const package_id = order.tracking_number === null ? null : `p-${order.order_id}`;
    const items = lines.map((line, position) => ({
      shop_id: shopId,
      order_id: order.order_id,
      position,
      ...line,
      package_id,
      package_status: package_id === null ? null : 'FULFILLING',
      tracking_number: order.tracking_number,
    }));
    await sql`insert into line_items ${sql(items)}`;
    const key = { shop_id: shopId, order_id: order.order_id };
    if (package_id !== null) await sql`insert into packages ${sql({ ...key, package_id })}`;
    if (order.status !== 'UNPAID') {
      const left = { ...key, changed_at: order.created_at, status: 'UNPAID', observed_at: order.created_at };
      await sql`insert into order_status_history ${sql(left)}`;
    }
  }
}
