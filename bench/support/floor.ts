import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { type ReadPagesOptions, readPages } from './upstream-pages.ts';

interface RawOrder {
  id: string;
  status: string;
  create_time: number;
  update_time: number;
  user_id?: string;
  [field: string]: unknown;
  payment: Record<string, string | undefined>;
  line_items: Record<string, unknown>[];
  packages?: { id: string }[];
}

const orderColumns = `shop_id, order_id, status, created_at, updated_at, paid_at, shipped_at, delivered_at,
  cancelled_at, currency, total_amount, sub_total, shipping_fee, tax, seller_discount, platform_discount, buyer_id,
  order_type, fulfillment_type, shipping_type, delivery_option_id, warehouse_id, shipping_provider,
  shipping_provider_id, tracking_number, payment_method, cancellation_initiator, cancel_reason, is_cod, is_sample,
  items_count, row_hash, observed_at, page_id, page_index`;
const lineColumns = `shop_id, order_id, position, line_item_id, product_id, product_name, sku_id, sku_name, seller_sku,
  unit_price, original_price, seller_discount, platform_discount, display_status, package_id, package_status,
  tracking_number, is_gift`;

function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '\\N';
  const text = String(value);
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, '\\$&') : text;
}

const time = (seconds: unknown): string =>
  typeof seconds === 'number' && seconds > 0 ? new Date(seconds * 1000).toISOString() : '\\N';

function orderLine(shopId: string, order: RawOrder, observed: string, index: number): string {
  const { payment } = order;
  return [
    shopId,
    order.id,
    order.status,
    time(order.create_time),
    time(order.update_time),
    time(order.paid_time),
    time(order.rts_time),
    time(order.delivery_time),
    time(order.cancel_time),
    ...[
      'currency',
      'total_amount',
      'sub_total',
      'shipping_fee',
      'tax',
      'seller_discount',
      'platform_discount',
    ].map((name) => cell(payment[name])),
    cell(order.user_id),
    ...[
      'order_type',
      'fulfillment_type',
      'shipping_type',
      'delivery_option_id',
      'warehouse_id',
      'shipping_provider',
      'shipping_provider_id',
      'tracking_number',
      'payment_method_name',
      'cancellation_initiator',
      'cancel_reason',
      'is_cod',
      'is_sample_order',
    ].map((name) => cell(order[name])),
    String(order.line_items.length),
    '0',
    observed,
    '0',
    String(index),
  ].join('\t');
}

function lineLine(shopId: string, orderId: string, line: Record<string, unknown>, position: number): string {
  return [
    shopId,
    orderId,
    String(position),
    ...[
      'id',
      'product_id',
      'product_name',
      'sku_id',
      'sku_name',
      'seller_sku',
      'sale_price',
      'original_price',
      'seller_discount',
      'platform_discount',
      'display_status',
      'package_id',
      'package_status',
      'tracking_number',
      'is_gift',
    ].map((name) => cell(line[name])),
  ].join('\t');
}

/**
 * The driver leaves TCP's delays on, and a COPY waits 40 ms for them three times over: a floor that waits is none.
 */
async function connectWithoutDelay({ host, port }: { host: string[]; port: number[] }): Promise<Socket> {
  const socket = connect({ host: host[0], port: port[0] ?? 5432, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/**
 * The floor under every engine on this machine: the same pages fetched, parsed, and their typed rows copied into the
 * same tables with the same indices; nothing is kept raw, counted, guarded or repeated.
 */
export async function runFloor(
  databaseUrl: string,
  shopId: string,
  pages: Omit<ReadPagesOptions, 'onPage'>,
): Promise<{ seconds: number; orders: number }> {
  const sql = postgres(databaseUrl, { max: 3 * pages.lanes, socket: connectWithoutDelay } as object);
  const started = performance.now();
  const copy = async (table: string, columns: string, lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    const stream = await sql.unsafe(`copy tideline.${table} (${columns}) from stdin`).writable();
    // The driver answers the end of a finished copy with "copy failed", which would hit the connection's next copy.
    stream._destroy = (error, callback) => callback(error);
    const finished = once(stream, 'finish');
    stream.end(`${lines.join('\n')}\n`);
    await finished;
  };
  await readPages({
    ...pages,
    onPage: async (text) => {
      const { data } = JSON.parse(text) as { data: { orders: RawOrder[] } };
      const observed = new Date().toISOString();
      const { orders } = data;
      await Promise.all([
        copy(
          'orders',
          orderColumns,
          orders.map((order, index) => orderLine(shopId, order, observed, index)),
        ),
        copy(
          'line_items',
          lineColumns,
          orders.flatMap((order) => order.line_items.map((line, at) => lineLine(shopId, order.id, line, at))),
        ),
        copy(
          'packages',
          'shop_id, order_id, package_id',
          orders.flatMap((order) => [
            ...new Set((order.packages ?? []).map(({ id }) => `${shopId}\t${order.id}\t${id}`)),
          ]),
        ),
      ]);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const [stored] = await sql<{ orders: number }[]>`
    select count(*)::integer as orders from tideline.orders where shop_id = ${shopId}`;
  await sql.end();
  return { seconds, orders: stored?.orders ?? 0 };
}
