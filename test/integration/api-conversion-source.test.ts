import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let shopId: string;
let path: string;

beforeAll(async () => {
  api = await startTestApi();
  shopId = await addShop(api.sql);
  path = `/api/v1/shops/${shopId}/conversion_source`;
  await api.sql`
    insert into destinations (destination_id, kind, name, settings) values ('meta', 'meta', 'Meta', '{}')`;
});
afterAll(() => api.close());

const put = async (body: unknown, key?: string) => {
  const response = await api.send('PUT', path, body, key);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the conversion source of a shop', () => {
  it('is off, and keeps what is not named when it is changed', async () => {
    expect(await (await api.get(path)).json()).toEqual({
      enabled: false,
      paid_from: null,
      destinations: null,
    });
    const on = await put({ enabled: true, paid_from: '2026-11-01T00:00:00Z', destinations: ['meta'] });
    expect(on).toEqual({
      status: 200,
      body: { enabled: true, paid_from: '2026-11-01T00:00:00.000Z', destinations: ['meta'] },
    });
    expect((await put({ enabled: false })).body).toEqual({ ...on.body, enabled: false });
    expect((await put({ destinations: null })).body).toEqual({
      ...on.body,
      enabled: false,
      destinations: null,
    });
    expect(await (await api.get(path)).json()).toMatchObject({ enabled: false, destinations: null });
  });

  it('refuses what means nothing, with the place of the fault', async () => {
    for (const [body, place] of [
      [{}, 'body'],
      [{ enabled: 'yes' }, 'enabled'],
      [{ paid_from: 'yesterday' }, 'paid_from'],
      [{ destinations: [] }, 'destinations'],
      [{ destinations: ['meta', 'nobody'] }, 'destinations.1'],
      [{ surprise: 1 }, 'surprise'],
    ] as const) {
      const refused = await put(body);
      expect([refused.status, refused.body.errors]).toMatchObject([400, [{ path: place }]]);
    }
    expect((await api.get('/api/v1/shops/shop-999/conversion_source')).status).toBe(404);
  });

  it('is switched by admins of the whole installation only', async () => {
    const write = await createKey(api.sql, { name: 'w', scopes: ['write', 'read'], shopIds: null });
    const bound = await createKey(api.sql, { name: 'b', scopes: ['admin'], shopIds: [shopId] });
    expect((await put({ enabled: true }, write.key)).status).toBe(403);
    expect((await put({ enabled: true }, bound.key)).status).toBe(403);
    expect((await api.get(path, bound.key)).status).toBe(200);
  });

  it('replays a range while it is on', async () => {
    const replay = (body: unknown) => api.send('POST', `${path}/replay`, body);
    expect((await replay({ from: '2026-11-01T00:00:00Z' })).status).toBe(409);
    await put({ enabled: true });
    const accepted = await replay({ from: '2026-11-01T00:00:00Z' });
    expect([accepted.status, await accepted.json()]).toEqual([202, { orders: 0 }]);
    expect((await replay({ from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' })).status).toBe(400);
  });

  it('lists decisions in pages, filtered', async () => {
    await api.sql`
      insert into order_conversions (shop_id, order_id, decision, reason, event_id, amount, currency)
      select ${shopId}, n::text, case when n < 4 then 'told' else 'left_out' end,
        case when n >= 4 then 'A sample is no purchase.' end, case when n < 4 then 'tiktok-shop-' || n end, 1.50, 'USD'
      from generate_series(1, 5) n`;
    await api.sql`
      insert into order_follow_ups (shop_id, order_id, kind, amount, outcomes) values (${shopId}, '2', 'cancelled', 1.50,
        '[{"destination": "meta", "delivery_id": "dlv_1", "outcome": "withheld"}]')`;
    const list = `/api/v1/shops/${shopId}/order_conversions`;
    const read = async (query: string) =>
      (await (await api.get(`${list}?${query}`)).json()) as {
        data: { order_id: string; amount: string; follow_ups: unknown[] }[];
        next_cursor: string | null;
        total: number;
      };
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await read(`limit=2&with_total=true${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.total).toBe(5);
      seen.push(...page.data.map(({ order_id: id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(['5', '4', '3', '2', '1']);
    expect((await read('decision=left_out')).data.length).toBe(2);
    expect((await read('follow_up=cancelled')).data).toMatchObject([
      {
        order_id: '2',
        amount: '1.50',
        follow_ups: [{ kind: 'cancelled', outcomes: [{ outcome: 'withheld' }] }],
      },
    ]);
    expect((await api.get(`${list}?decision=perhaps`)).status).toBe(400);
    const foreign = await api.get(
      `/api/v1/shops/${await addShop(api.sql)}/order_conversions?with_total=true`,
    );
    expect(await foreign.json()).toEqual({ data: [], next_cursor: null, total: 0 });
  });
});
