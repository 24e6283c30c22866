import type { CallResult, ShopCall, TikTokShopClient } from '../../src/sources/tiktok-shop/client.ts';
import { decodeBody } from '../../src/sources/tiktok-shop/envelope.ts';

export interface FakeOrder {
  id: string;
  create_time: number;
  update_time: number;
  total: string;
  lines: number;
  /** AWAITING_SHIPMENT where not given. */
  status?: string;
  tracking?: string;
  note?: string;
  /** Served as a record that cannot be stored. */
  poisoned?: boolean;
  /** Takes the place of the usual fields, or stands beside them. */
  fields?: Record<string, unknown>;
}

/** The id of the order at a place of {@link FakeUpstream.fill}. */
export const idAt = (index: number): string => `57${String(index).padStart(8, '0')}`;

interface Filling {
  /** Seconds from one order to the next. */
  spread?: number;
  /** Seconds since the last of them, less one spread. */
  age?: number;
  /** How many of the newest are open; all, when left out. */
  open?: number;
}

interface Filter {
  create_time_ge?: number;
  create_time_lt?: number;
  update_time_ge?: number;
  update_time_lt?: number;
}

/**
 * A shop in memory behind the client's own interface, for tests of the walks: its page tokens are offsets into the
 * live list, so that rows which move shift the pages behind them.
 */
export class FakeUpstream implements TikTokShopClient {
  readonly orders = new Map<string, FakeOrder>();
  /** Unix seconds. */
  now: number;
  calls = 0;
  /** Run before every call: moves rows, throws, aborts. */
  disturb: (call: ShopCall, count: number) => void | Promise<void> = () => undefined;
  /** What `total_count` says, given the truth; undefined leaves it out. */
  total: (truth: number) => number | undefined = (truth) => truth;

  constructor(now = 1_750_000_000) {
    this.now = now;
  }

  add(order: FakeOrder): void {
    this.orders.set(order.id, order);
  }

  /** Adds orders of two lines and 1.50, the oldest first. */
  fill(count: number, { spread = 60, age = 1_000, open = count }: Filling = {}): void {
    for (let index = 0; index < count; index++) {
      const time = this.now - age - (count - index) * spread;
      const status = index >= count - open ? 'AWAITING_SHIPMENT' : 'COMPLETED';
      this.add({ id: idAt(index), create_time: time, update_time: time, total: '1.50', lines: 2, status });
    }
  }

  /** Changes an order without a word; its `update_time` moves only where it is among the fields. */
  change(id: string, fields: Partial<FakeOrder>): void {
    const order = this.orders.get(id);
    if (order === undefined) throw new Error(`No order ${id}.`);
    this.add({ ...order, ...fields });
  }

  async call(call: ShopCall): Promise<CallResult> {
    this.calls += 1;
    await this.disturb(call, this.calls);
    const query = (call.query ?? {}) as Record<string, string>;
    const axis = query.sort_field as 'create_time' | 'update_time';
    const filter = (call.body ?? {}) as Filter;
    const matches = [...this.orders.values()]
      .filter(
        (order) =>
          order.create_time >= (filter.create_time_ge ?? 0) &&
          order.create_time < (filter.create_time_lt ?? Number.POSITIVE_INFINITY) &&
          order.update_time >= (filter.update_time_ge ?? 0) &&
          order.update_time < (filter.update_time_lt ?? Number.POSITIVE_INFINITY),
      )
      .toSorted((a, b) => a[axis] - b[axis] || (a.id < b.id ? -1 : 1));
    const size = Number(query.page_size);
    const offset = Number(query.page_token ?? 0);
    const page = matches.slice(offset, offset + size);
    const data = {
      orders: page.map(serve),
      next_page_token: offset + size < matches.length ? String(offset + size) : '',
      total_count: this.total(matches.length),
    };
    const body = Buffer.from(JSON.stringify({ code: 0, message: 'Success', data }));
    const { envelope, sha256 } = await (call.decode ?? decodeBody)(body);
    return {
      data: envelope?.data,
      requestId: `request-${this.calls}`,
      observedAt: new Date(this.now * 1000),
      responseSha256: Buffer.from(sha256),
      responseBytes: body.length,
    };
  }
}

function serve(order: FakeOrder): Record<string, unknown> {
  return {
    id: order.id,
    status: order.status ?? 'AWAITING_SHIPMENT',
    tracking_number: order.tracking,
    seller_note: order.note,
    user_id: 'buyer',
    create_time: order.create_time,
    update_time: order.update_time,
    buyer_email: `${order.id}@example.test`,
    payment: { currency: 'USD', total_amount: order.poisoned ? '1e3' : order.total },
    line_items: Array.from({ length: order.lines }, (_, index) => ({
      id: `${order.id}-${index}`,
      sku_id: 'sku',
      product_id: 'product',
      sale_price: '1.00',
    })),
    ...order.fields,
  };
}
