import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { TestClient, type TestOrder } from '../testing/client.ts';

let simulator: RunningSimulator;
let client: TestClient;
let all: TestOrder[];

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 1_200, seed: 11, historyDays: 60 });
  client = await TestClient.connect(simulator);
  all = await client.walk({}, { sort_order: 'ASC' });
});
afterAll(() => simulator.stop());

const ids = (orders: readonly TestOrder[]): string[] => orders.map((order) => order.id);

describe('search', () => {
  it('serves every order once, in order, with a true total', async () => {
    expect(new Set(ids(all)).size).toBe(1_200);
    expect(
      all.every((order, nth) => nth === 0 || order.create_time >= (all[nth - 1]?.create_time ?? 0)),
    ).toBe(true);
    const newest = await client.search();
    expect(newest.data.total_count).toBe(1_200);
    expect(newest.data.orders?.[0]?.id).toBe(all.at(-1)?.id);
    expect(ids(await client.walk({}, { page_size: '37' })).reverse()).toEqual(ids(all));
  });

  it('knows all filters', async () => {
    const from = all[300]?.create_time ?? 0;
    const to = all[700]?.create_time ?? 0;
    const middle = all.filter((order) => order.create_time >= from && order.create_time < to);
    const expectFound = async (
      filter: Record<string, unknown>,
      fits: (order: TestOrder) => boolean,
      query = {},
    ): Promise<void> => {
      const expected = ids(all.filter(fits)).sort();
      expect(expected.length).toBeGreaterThan(0);
      expect(ids(await client.walk(filter, query)).sort()).toEqual(expected);
      expect((await client.search(filter, query)).data.total_count).toBe(expected.length);
    };
    await expectFound({ create_time_ge: from, create_time_lt: to }, (order) => middle.includes(order));
    await expectFound({ create_time_ge: from, create_time_lt: to }, (order) => middle.includes(order), {
      sort_field: 'update_time',
    });
    await expectFound(
      { update_time_ge: from, update_time_lt: to },
      (order) => order.update_time >= from && order.update_time < to,
      { sort_field: 'update_time' },
    );
    await expectFound({ order_status: 'CANCELLED' }, (order) => order.status === 'CANCELLED');
    await expectFound({ shipping_type: 'SELLER' }, (order) => order.shipping_type === 'SELLER');
    await expectFound({ buyer_user_id: all[0]?.user_id }, (order) => order.user_id === all[0]?.user_id);
    await expectFound({ is_buyer_request_cancel: true }, (order) => order.is_buyer_request_cancel === true);
    await expectFound(
      { warehouse_ids: [all[0]?.warehouse_id] },
      (order) => order.warehouse_id === all[0]?.warehouse_id,
    );
  });

  it('refuses a token with other filters', async () => {
    const first = await client.search({ create_time_ge: 5 });
    const token = first.data.next_page_token ?? '';
    expect(await client.search({ create_time_ge: 6 }, { page_token: token })).toMatchObject({
      code: 98001004,
    });
    expect((await client.search({ create_time_ge: 5 }, { page_token: token, page_size: '50' })).code).toBe(0);
  });

  it('answers details in either version, leaving out what nobody has', async () => {
    const two = `${all[3]?.id},999,${all[9]?.id}`;
    for (const version of ['202309', '202507']) {
      const result = await client.call(`/order/${version}/orders`, { query: { ids: two } });
      expect(ids(result.data.orders ?? [])).toEqual([all[3]?.id, all[9]?.id]);
    }
  });

  it('keeps the money of an order consistent', () => {
    const cents = (text: string): number => Math.round(Number(text) * 100);
    for (const order of all) {
      const sum = order.line_items.reduce((total, line) => total + cents(line.sale_price), 0);
      const payment = order.payment as unknown as Record<string, string>;
      expect(cents(order.payment.sub_total)).toBe(sum);
      expect(cents(order.payment.total_amount)).toBe(
        sum + cents(payment.shipping_fee ?? '') + cents(payment.tax ?? ''),
      );
    }
  });

  it.each([
    ['shifting', true],
    ['stable', false],
  ])('a %s token loses rows that move while paging: %s', async (kind, loses) => {
    await client.control('POST', '/settings', { page_tokens: kind });
    const window = { update_time_ge: 0, update_time_lt: Math.floor(Date.now() / 1000) + 60 };
    const query = { sort_field: 'update_time', sort_order: 'ASC' };
    const truth = ids(all);
    const first = await client.search(window, query);
    const moved = ids(first.data.orders ?? []).slice(0, 30);
    await client.control('POST', `/shops/${client.shopId}/changes`, { kind: 'touch', ids: moved });
    const seen = new Set(ids(first.data.orders ?? []));
    let token = first.data.next_page_token ?? '';
    while (token !== '') {
      const next = await client.search(window, { ...query, page_token: token });
      for (const id of ids(next.data.orders ?? [])) seen.add(id);
      token = next.data.next_page_token ?? '';
    }
    expect(truth.filter((id) => !seen.has(id)).length).toBe(loses ? 30 : 0);
  });
});

describe('generated shops', () => {
  it('are the same for the same seed and moment, and different for another seed', async () => {
    const serve = async (seed: number): Promise<string> => {
      const other = await startSimulator({ ordersCount: 300, shops: 6, seed, now: 1_790_000_000 });
      try {
        const texts = await Promise.all(
          other.shops.map(async (shop) => (await fetch(`${other.controlUrl}/shops/${shop.id}/truth`)).text()),
        );
        return texts.join('');
      } finally {
        await other.stop();
      }
    };
    const [first, again, different] = [await serve(1), await serve(1), await serve(2)];
    expect(again).toBe(first);
    expect(different).not.toBe(first);
    expect(first).toContain('"JPY","total_amount":"');
    expect(first).not.toMatch(/"JPY","total_amount":"\d+\./);
  });
});
