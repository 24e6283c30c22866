import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { poisonKinds } from '../orders/order-source.ts';
import { TestClient } from '../testing/client.ts';

let simulator: RunningSimulator;
let client: TestClient;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 600, seed: 21, historyDays: 20 });
  client = await TestClient.connect(simulator);
});
afterAll(() => simulator.stop());

const change = (body: unknown): Promise<{ ids: string[]; changed: number }> =>
  client.control('POST', `/shops/${client.shopId}/changes`, body) as Promise<{
    ids: string[];
    changed: number;
  }>;

async function byId(): Promise<Map<unknown, Record<string, unknown>>> {
  return new Map((await client.truth()).map((order) => [order.id, order]));
}

describe('changes', () => {
  it('show in search as in the truth', async () => {
    for (const kind of [
      'advance',
      'cancel',
      'touch',
      'new',
      'tracking',
      'note',
      'twice',
      'mixed',
      'unmask',
      'mask',
    ]) {
      expect((await change({ kind, count: 15 })).changed).toBe(15);
    }
    const served = await client.walk({}, { sort_field: 'update_time', sort_order: 'ASC' });
    const truth = await byId();
    expect(served.length).toBe(truth.size);
    for (const order of served) {
      expect(truth.get(order.id)).toMatchObject({
        status: order.status,
        update_time: order.update_time,
        create_time: order.create_time,
        total_amount: order.payment.total_amount,
        line_count: order.line_items.length,
        tracking_number: order.tracking_number,
      });
    }
  });

  it('advance moves status and update_time, tracking moves neither', async () => {
    const before = await byId();
    // A second later, since changes of one second share an update_time, as they do upstream.
    await client.control('POST', '/settings', { clock_offset_ms: 1_000 });
    const { ids } = await change({ kind: 'advance', count: 10 });
    const silent = await change({ kind: 'tracking', count: 5 });
    const after = await byId();
    for (const id of ids) {
      expect(after.get(id)?.status).not.toBe(before.get(id)?.status);
      expect(Number(after.get(id)?.update_time)).toBeGreaterThan(Number(before.get(id)?.update_time));
    }
    for (const id of silent.ids.filter((id) => !ids.includes(id))) {
      expect(after.get(id)?.update_time).toBe(before.get(id)?.update_time);
      expect(after.get(id)?.tracking_number).not.toBe(before.get(id)?.tracking_number);
    }
  });

  it('late commits appear afterwards, under their earlier time', async () => {
    const before = (await byId()).size;
    await change({ kind: 'late_new', count: 4, delay_s: 60 });
    expect((await byId()).size).toBe(before);
    const at = Math.ceil(Date.now() / 1000) + 1;
    await client.control('POST', '/settings', { clock_offset_ms: 61_000 });
    const after = await client.truth();
    expect(after.length).toBe(before + 4);
    expect(Math.max(...after.map((order) => Number(order.create_time)))).toBeLessThanOrEqual(at);
    await client.control('POST', '/settings', { clock_offset_ms: 0 });
  });

  it.each(poisonKinds)('poison %s is served, marked in the truth, and can be healed', async (poison) => {
    const { ids } = await change({ kind: 'poison', poison, count: 1 });
    const detail = await client.call('/order/202309/orders', { query: { ids: ids[0] ?? '' } });
    expect(detail.text).toContain(ids[0]);
    expect((await byId()).get(ids[0])).toMatchObject({ poison });
    await change({ kind: 'heal', ids });
    expect((await byId()).get(ids[0])).not.toHaveProperty('poison');
  });

  it('choose the same orders for the same seed', async () => {
    const [first, again] = [
      await change({ kind: 'note', count: 5, seed: 5 }),
      await change({ kind: 'note', count: 5, seed: 5 }),
    ];
    expect(again.ids).toEqual(first.ids);
  });
});

describe('faults', () => {
  const fault = (body: unknown): Promise<Record<string, unknown>> => client.control('POST', '/faults', body);

  it('hit the next calls of their route and are counted', async () => {
    await client.control('DELETE', '/statistics');
    await fault({ kind: 'status', http_status: 503, route: 'order_search', times: 2, retry_after: '3' });
    const first = await client.search();
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '3']);
    expect((await client.call('/order/202309/orders', { query: { ids: '1' } })).status).toBe(200);
    expect((await client.search()).status).toBe(503);
    expect((await client.search()).code).toBe(0);
    expect(await client.control('GET', '/statistics')).toMatchObject({
      faults: { status: 2 },
      calls_by_route: { order_search: 3, order_detail: 1 },
    });
  });

  it('break the answer in every way', async () => {
    await fault({ kind: 'html' });
    expect(await client.search()).toMatchObject({ status: 502 });
    await fault({ kind: 'throttle', in_body: true });
    expect(await client.search()).toMatchObject({ status: 200, code: 36009002 });
    for (const kind of [
      'reset',
      'reset_mid_body',
      'truncated',
      'bad_gzip',
      'malformed_json',
      'truncated_json',
      'lost_answer',
    ]) {
      await fault({ kind });
      await expect(client.search(), kind).rejects.toThrow();
    }
    expect((await client.search()).code).toBe(0);
    for (const [kind, pattern] of [
      ['hang', 300],
      ['slow', 300],
    ] as const) {
      await fault({ kind });
      const query = new URLSearchParams({ app_key: 'x' });
      await expect(
        fetch(`${simulator.url}/authorization/202309/shops?${query}`, {
          signal: AbortSignal.timeout(pattern),
        }).then((r) => r.text()),
      ).rejects.toThrow();
    }
  });

  it('lie about pages', async () => {
    const honest = await client.search();
    await fault({ kind: 'empty_page' });
    const empty = await client.search();
    expect(empty.data.orders).toEqual([]);
    const next = await client.search({}, { page_token: empty.data.next_page_token ?? '' });
    expect(next.data.orders?.[0]?.id).toBe(honest.data.orders?.[0]?.id);
    await fault({ kind: 'repeated_token', times: null });
    const loop = await client.walk({}, {}, 4);
    expect(new Set(loop.map((order) => order.id)).size).toBe(100);
    await client.control('DELETE', '/faults');
    await fault({ kind: 'duplicates', count: 3 });
    expect((await client.search()).data.orders?.length).toBe(103);
    await fault({ kind: 'lying_total', delta: 9 });
    expect((await client.search()).data.total_count).toBe((honest.data.total_count ?? 0) + 9);
    await fault({ kind: 'lying_total', delta: -9 });
    expect((await client.search()).data.total_count).toBe((honest.data.total_count ?? 0) - 9);
    await fault({ kind: 'missing_total' });
    expect((await client.search()).data.total_count).toBeUndefined();
    await fault({ kind: 'poison', poison: 'money_grouped' });
    expect((await client.search()).data.orders?.[0]?.payment.total_amount).toBe('1,234.50');
  });

  it('are refused when they make no sense', async () => {
    expect(String((await fault({ kind: 'explode' })).error)).toContain('kind must be one of');
    expect(String((await client.control('POST', '/settings', { port: 1 })).error)).toContain('port');
    expect(String((await client.control('GET', '/nothing')).error)).toContain('/nothing');
  });
});

describe('journal', () => {
  it('keeps calls without secrets', async () => {
    await client.search({ create_time_ge: 7 });
    const { entries } = (await client.control('GET', '/journal?route=order_search')) as {
      entries: Record<string, unknown>[];
    };
    expect(entries.at(-1)).toMatchObject({
      status: 200,
      code: 0,
      rows: 100,
      throttled: false,
      params: { page_size: '100', body: { create_time_ge: 7 } },
    });
    const text = JSON.stringify(await client.control('GET', '/journal'));
    for (const hidden of [simulator.app.appSecret, client.accessToken, client.refreshToken])
      expect(text).not.toContain(hidden);
  });
});

describe('traffic', () => {
  it('comes by itself at about the set rate', async () => {
    const before = (await byId()).size;
    await client.control('POST', '/settings', { traffic: 1_200 });
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    await client.control('POST', '/settings', { traffic: 0 });
    expect((await byId()).size).toBeGreaterThan(before);
  });
});
