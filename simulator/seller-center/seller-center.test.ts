import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { xBogus } from '../../encryption/xbogus.ts';
import { isWhole, xGnarly } from '../../encryption/xgnarly.ts';
import { readDate, writeDate } from '../analytics/calendar.ts';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { TestClient } from '../testing/client.ts';

interface Listed {
  code: number;
  data: {
    items: {
      meta: { product_id: string };
      stats: { gmv: { amount: string } };
      stats_v3: { total: { gmv: { amount: string } } };
    }[];
    list_control: { next_pagination: { has_more?: boolean; total: number; total_page: number } };
  } | null;
}

const path = '/api/v2/insights/seller/ttp/product/list/v2';
const agent = 'Mozilla/5.0 (invented)';

describe('the seller center of a simulated shop', () => {
  let simulator: RunningSimulator;
  let client: TestClient;
  let date: number;
  let cookie: string;
  let sellerId: string;

  const settings = (body: Record<string, unknown>): Promise<Record<string, unknown>> =>
    client.control('POST', `/shops/${client.shopId}/seller_center`, body);
  const bodyOf = (page: number, days = 1, size = 50): string =>
    JSON.stringify({
      request: {
        time_descriptor: { start: writeDate(date), end: writeDate(date + days), timezone_offset: -28_800 },
        list_control: { rules: [{ field: 'gmv', direction: 2 }], pagination: { size, page } },
      },
    });
  const ask = (body: string, { to = path, sign = '', session = cookie } = {}): Promise<Response> =>
    fetch(`${simulator.url}${to}?oec_seller_id=${sellerId}&aid=4068${sign}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': agent, cookie: session },
      body,
    });
  const list = async (page: number, to = path): Promise<Listed> =>
    (await ask(bodyOf(page), { to })).json() as Promise<Listed>;

  beforeAll(async () => {
    simulator = await startSimulator({ ordersCount: 2_000, historyDays: 40, products: 170, seed: 5 });
    client = await TestClient.connect(simulator);
    const shown = await client.control('GET', `/shops/${client.shopId}/analytics`);
    date = (readDate(String(shown.today)) ?? 0) - 10;
    const session = await settings({});
    cookie = String(session.cookie);
    sellerId = String(session.seller_id);
  });
  afterEach(async () => {
    await settings({ access: 'open', troubles: [], counts_as_text: false, amounts_as_number: false });
  });
  afterAll(async () => simulator.stop());

  it('lists in both dialects what the API counts for the same day', async () => {
    const truth = await client.call('/analytics/202509/shop/performance', {
      method: 'GET',
      query: { start_date_ge: writeDate(date), end_date_lt: writeDate(date + 1) },
    });
    const [interval] = (
      truth.data.performance as { intervals: { sales: { gmv: { overall: { amount: string } } } }[] }
    ).intervals;
    const pages = await Promise.all([0, 1, 2, 3].map((page) => list(page)));
    const items = pages.flatMap(({ data }) => data?.items ?? []);
    expect(new Set(items.map(({ meta }) => meta.product_id)).size).toBe(170);
    expect(pages.map(({ data }) => data?.list_control.next_pagination.has_more)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const sum = items.reduce((total, { stats }) => total + Math.round(Number(stats.gmv.amount) * 100), 0);
    expect(sum).toBe(Math.round(Number(interval?.sales.gmv.overall.amount) * 100));
    const third = await list(0, '/api/v3/insights/seller/ttp/product/list');
    expect(third.data?.items[0]?.stats_v3.total.gmv.amount).toBe(items[0]?.stats.gmv.amount);
    expect(third.data?.list_control.next_pagination).toEqual({ total: 170, total_page: 4 });
  });

  it('takes the end as exclusive, refuses ranges and pages that are none', async () => {
    for (const body of [bodyOf(0, 0), bodyOf(0, -1), bodyOf(-1), bodyOf(0, 1, 101), '{}', 'no JSON'])
      expect(await (await ask(body)).json()).toMatchObject({ code: 98001004 });
  });

  it('knows the session by its cookie, until it is too old or the owner logs in again', async () => {
    const code = async (session: string): Promise<unknown> =>
      ((await (await ask(bodyOf(0), { session })).json()) as Listed).code;
    expect(await code('sessionid_tiktokseller=other')).toBe(98001002);
    expect(await code(cookie)).toBe(0);
    await client.control('POST', '/settings', { clock_offset_ms: 4 * 86_400_000 });
    expect(await code(cookie)).toBe(98001002);
    const renewed = String((await settings({ login: true })).cookie);
    expect([await code(cookie), await code(renewed)]).toEqual([98001002, 0]);
    await client.control('POST', '/settings', { clock_offset_ms: 0 });
    cookie = renewed;
  });

  it('opens both signatures where it wants them', async () => {
    await settings({ access: 'signed' });
    const refused = await ask(bodyOf(0));
    expect([refused.status, refused.headers.get('tt_orcas_res'), await refused.text()]).toEqual([
      200,
      '1',
      '',
    ]);
    const query = `oec_seller_id=${sellerId}&aid=4068`;
    for (const sdkVersion of ['5.1.0', '5.1.1'] as const) {
      const marks = { envcode: 1, ubcode: 14, canvas: 3_245_783_967 };
      const texts = { query, body: bodyOf(0), userAgent: agent };
      const gnarlyAt = (milliseconds: number): string =>
        xGnarly({
          ...texts,
          ...marks,
          ubcode: 0,
          milliseconds,
          sdkVersion,
          fieldOrder: sdkVersion === '5.1.0' ? 'ascending' : 'zero_last',
          keyWords: Array.from({ length: 12 }, (_, nth) => (2_654_435_761 * (nth + 3)) % 4_294_967_296),
        });
      // A token that lost its tail cannot be opened; the next millisecond gives another.
      let nowMs = Date.now();
      while (!isWhole(gnarlyAt(nowMs), sdkVersion)) nowMs += 1;
      const gnarly = gnarlyAt(nowMs);
      const bogus = xBogus({ ...texts, ...marks, seconds: Math.floor(nowMs / 1000) });
      const sign = `&X-Bogus=${bogus}&X-Gnarly=${gnarly}`;
      expect(await (await ask(bodyOf(0), { sign })).json()).toMatchObject({ code: 0 });
      expect(await (await ask(bodyOf(1), { sign })).text()).toBe('');
      await settings({ access: 'strict' });
      expect(await (await ask(bodyOf(0), { sign })).text()).toBe('');
      await settings({ access: 'signed' });
    }
  });

  it.each([
    ['expired', 200, '98001002'],
    ['expired_html', 302, 'login'],
    ['challenge', 200, '10000'],
    ['silent', 200, '"data":null'],
    ['gone', 404, 'No matching route'],
    ['downstream', 200, '98001021'],
    ['blocked', 200, '100000'],
    ['signature_refused', 200, ''],
  ])('plays %s when told to', async (kind, status, text) => {
    await settings({ troubles: [{ kind, after: 1, times: 1 }] });
    expect((await list(0)).code).toBe(0);
    const answer = await ask(bodyOf(0));
    expect(answer.status).toBe(status);
    expect(answer.headers.has('bdturing-verify')).toBe(kind === 'challenge');
    expect(await answer.text()).toContain(text);
    expect((await list(0)).code).toBe(0);
  });

  it('moves a row between pages, and writes numbers as it likes', async () => {
    const [first] = (await list(0)).data?.items.slice(-1) ?? [];
    await settings({
      troubles: [{ kind: 'shuffle', times: 1 }],
      counts_as_text: true,
      amounts_as_number: true,
    });
    const [moved] = (await list(1)).data?.items ?? [];
    expect(moved?.meta.product_id).toBe(first?.meta.product_id);
    expect(moved).toMatchObject({
      stats: { order_cnt: expect.any(String), gmv: { amount: expect.any(Number) } },
    });
  });
});
