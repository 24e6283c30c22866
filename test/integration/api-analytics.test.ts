import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { notePermission } from '../../src/analytics/stream-states.ts';
import type { StreamName } from '../../src/analytics/streams.ts';
import type { DayRow } from '../../src/analytics/write-day.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { eachAnalyticsRows } from '../../src/db/reports/analytics-list.ts';
import { writeTestDay } from '../support/analytics-days.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import {
  type FiguresAtRandom,
  first,
  type List,
  type Row,
  writeFiguresAtRandom,
} from '../support/figures-at-random.ts';

let api: TestApi;
let figures: FiguresAtRandom;
let shopIds: FiguresAtRandom['shopIds'];

beforeAll(async () => {
  api = await startTestApi();
  figures = await writeFiguresAtRandom(api);
  ({ shopIds } = figures);
});
afterAll(() => api.close());

describe('lists of figures', () => {
  it('are filtered by what is known of products', async () => {
    const shopId = shopIds[0] ?? '';
    const base = `/api/v1/tik_tok_shops/${shopId}/product_analytics?start_date=${first}&end_date=2026-11-01`;
    const all = await figures.readAll(base, 500);
    const known = await api.sql<
      { product_id: string; status: string; stock: number; brand_name: string | null; title: string }[]
    >`
      select * from products where shop_id = ${shopId}`;
    const of = (row: Row) => known.find(({ product_id: id }) => id === row.external_id);
    const cases: [string, (row: Row) => boolean][] = [
      ['status=live', (row) => of(row)?.status === 'ACTIVATE'],
      ['status=hidden', (row) => of(row)?.status !== 'ACTIVATE'],
      ['stock_below=4', (row) => (of(row)?.stock ?? 9) < 4],
      ['brand=harbour', (row) => of(row)?.brand_name === 'Harbour'],
      ['category=c1', (row) => of(row) !== undefined],
      ['search=TEA%20100%25%202', (row) => of(row)?.title === 'Tea 100% 2'],
      ['search=products-11', (row) => row.external_id === 'products-11'],
      ['search=_', () => false],
    ];
    for (const [filter, matches] of cases) {
      const expected = all.filter(matches).map((row) => row.external_id);
      const found = await figures.read(`${base}&${filter}&limit=500&with_total=true`);
      expect(
        found.data.map((row) => row.external_id),
        filter,
      ).toEqual(expected);
      expect(found.total).toBe(expected.length);
    }
    expect(all.length).toBeGreaterThan(9);
    expect(Object.keys(all[0] ?? {})).toEqual([
      ...['external_id', 'title', 'status', 'image_url', 'gmv', 'items_sold', 'orders_count'],
    ]);
  });

  it('show every row that does not change exactly once while others do', async () => {
    const shopId = await addShop(api.sql);
    const row = (nth: number, gmv: number): DayRow => ({
      ...{
        product_id: `p${String(nth).padStart(3, '0')}`,
        gmv: `${gmv}`,
        items_sold: '1',
        orders_count: '1',
      },
    });
    const write = (rows: DayRow[]) =>
      writeTestDay(api.sql, { shopId, stream: 'products', date: '2026-11-02', rows });
    await write(Array.from({ length: 100 }, (_, nth) => row(nth, 1000 - nth)));
    const path = `/api/v1/tik_tok_shops/${shopId}/product_analytics?start_date=2026-11-01&end_date=2026-11-10&limit=10`;
    const seen: unknown[] = [];
    let page = await figures.read(path);
    while (true) {
      seen.push(...page.data.map(({ external_id }) => external_id));
      if (page.next_cursor === null) break;
      // Every third product moves to the top or away; the others stay.
      const moved = figures.next(2) === 0 ? 5000 : 0;
      await write(
        Array.from({ length: 100 }, (_, nth) =>
          row(nth, nth % 3 === 0 ? moved + figures.next(9) : 1000 - nth),
        ),
      );
      page = await figures.read(`${path}&cursor=${page.next_cursor}`);
    }
    const still = Array.from({ length: 100 }, (_, nth) => nth).filter((nth) => nth % 3 !== 0);
    const shown = seen.filter((id) => Number(String(id).slice(1)) % 3 !== 0);
    expect(shown).toEqual(still.map((nth) => row(nth, 0).product_id));
  });

  it('say what is missing and what is not permitted, never with zeros', async () => {
    const shopId = await addShop(api.sql, { currency: 'JPY' });
    await notePermission(api.sql, { shopId, stream: 'videos' }, 'not_permitted');
    await writeTestDay(api.sql, {
      ...{ shopId, stream: 'shop', date: '2026-11-02', currency: 'JPY', latestAvailableDate: '2026-11-19' },
      rows: [{ gmv: '1200', orders_count: '7', items_sold: '9007199254740993' }],
    });
    const range = 'start_date=2026-11-01&end_date=2026-11-05';
    const videos = await figures.read(`/api/v1/shops/${shopId}/analytics/videos?${range}`);
    expect(videos).toMatchObject({
      data: [],
      coverage: [{ permission: 'not_permitted', days: 5, days_read: 0 }],
    });
    const response = await api.get(`/api/v1/shops/${shopId}/analytics/shop?${range}`);
    const text = await response.text();
    expect(text).toContain('"items_sold":9007199254740993,');
    const { data, currency, coverage } = JSON.parse(text) as List;
    expect({ currency, coverage }).toMatchObject({
      currency: 'JPY',
      coverage: [
        {
          permission: 'granted',
          latest_available_date: '2026-11-19',
          days: 5,
          days_read: 1,
          days_settled: 0,
          final_up_to: null,
        },
      ],
    });
    expect(data).toMatchObject([
      { date: '2026-11-02', gmv: '1200', visitors: null, refunds: null, average_order_value: '171' },
    ]);
    const mixed = await api.get(`/api/v1/shops/${shopId}/analytics/shop?${range}&shops=${shopIds[0]}`);
    expect(mixed.status).toBe(400);
    expect(await mixed.text()).toContain('JPY and USD');
  });

  it('of the minutes of a session come in their order', async () => {
    const shopId = shopIds[0] ?? '';
    const rows = Array.from({ length: 30 }, (_, nth) => ({
      live_id: 'live-1',
      minute: `2026-11-02T10:${String(nth).padStart(2, '0')}:00Z`,
      gmv: `${nth}.50`,
    }));
    const others = rows.map((row) => ({ ...row, live_id: 'live-2' }));
    await writeTestDay(api.sql, {
      shopId,
      stream: 'live_minutes',
      date: '2026-11-02',
      rows: [...others, ...rows],
    });
    const minutes: Row[] = [];
    const path = `/api/v1/shops/${shopId}/analytics/lives/live-1/minutes?limit=7`;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: List = await figures.read(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      minutes.push(...page.data);
      expect(page.coverage).toMatchObject([{ days: 1, days_read: 1 }]);
      cursor = page.next_cursor;
    }
    expect(minutes.map(({ minute, gmv }) => [minute, gmv])).toEqual(
      rows.map(({ minute, gmv }) => [minute.replace('Z', '.000Z'), gmv]),
    );
  });

  it('are read as a whole in batches that equal the pages', async () => {
    const shopId = shopIds[0] ?? '';
    const list = {
      ...{
        stream: 'products' as StreamName,
        others: [],
        from: first,
        to: '2026-11-01',
        granularity: 'day' as const,
      },
      ...{
        filters: { min_gmv: '5' },
        sort: 'gmv',
        direction: 'desc' as const,
        compare: null,
        currency: 'USD',
      },
    };
    const batches = await api.sql.begin('isolation level repeatable read read only', async (tx) => {
      const all: Row[] = [];
      for await (const rows of eachAnalyticsRows(scopeToShop(shopId), tx, list, 7)) all.push(...rows);
      return all;
    });
    const path = `/api/v1/shops/${shopId}/analytics/products?start_date=${first}&end_date=2026-10-31`;
    expect(batches.length).toBeGreaterThan(20);
    expect(JSON.parse(JSON.stringify(batches))).toEqual(
      await figures.readAll(`${path}&granularity=day&min_gmv=5&sort=gmv`, 500),
    );
  });
});

describe('files of figures', () => {
  it('have the fields and the rows of the list, those of a comparison where it is asked for', async () => {
    const path = `/api/v1/tik_tok_shops/${shopIds[0]}/product_analytics?start_date=${first}&end_date=2026-10-31&min_gmv=5`;
    const rows = await figures.readAll(path, 500);
    const lines = async (query: string) => {
      const response = await api.get(`${path}&format=csv${query}`);
      expect(response.status).toBe(200);
      return (await response.text())
        .replace(/^\ufeff/, '')
        .trimEnd()
        .split(/\r?\n/);
    };
    const [header, ...cells] = await lines('');
    expect(header).toBe('external_id,title,status,image_url,gmv,items_sold,orders_count');
    expect(cells.map((line) => line.split(',')[0])).toEqual(rows.map((row) => row.external_id));
    expect(cells.map((line) => Number(line.split(',')[4]))).toEqual(rows.map((row) => row.gmv));
    const [compared] = await lines('&compare=previous_year');
    expect(compared).toContain(
      ',orders_count,previous.gmv,previous.items_sold,previous.orders_count,change.gmv',
    );
    const minutes = await api.get(`/api/v1/shops/${shopIds[0]}/analytics/lives/live-1/minutes?format=csv`);
    expect(await minutes.text()).toContain('live_id,minute,gmv');
    const days = await api.get(
      `/api/v1/shops/${shopIds[0]}/analytics/shop?start_date=${first}&end_date=2026-10-31&format=xlsx`,
    );
    expect([days.status, (await days.arrayBuffer()).byteLength > 1000]).toEqual([200, true]);
  });
});

describe('what lists of figures refuse', () => {
  it('is said at once, with the field at fault', async () => {
    const range = 'start_date=2026-11-01&end_date=2026-11-05';
    const products = `/api/v1/tik_tok_shops/${shopIds[0]}/product_analytics`;
    const wrong: [string, string][] = [
      ['start_date=2026-11-05&end_date=2026-11-01', 'end_date'],
      ['start_date=2026-02-30&end_date=2026-11-01', 'start_date'],
      ['start_date=1926-01-01&end_date=2026-01-01', 'start_date'],
      ['start_date=1971-01-01&end_date=2071-01-01', 'end_date'],
      ['start_date=2016-01-01&end_date=2026-01-08', 'end_date'],
      ['start_date=11/01/2026&end_date=2026-11-05', 'start_date'],
      ['end_date=2026-11-05', 'start_date'],
      ['start_date=2026-11-01', 'end_date'],
      ['', 'start_date'],
      ...['abc', '-1', '1e9', 'NaN', '', '1,5', '9'.repeat(30)].map((value): [string, string] => [
        `${range}&min_gmv=${value}`,
        'min_gmv',
      ]),
      [`${range}&stock_below=-1`, 'stock_below'],
      [`${range}&status=ACTIVATE`, 'status'],
      [`${range}&sort=title`, 'sort'],
      [`${range}&order=up`, 'order'],
      [`${range}&limit=501`, 'limit'],
      [`${range}&compare=yesterday`, 'compare'],
      [`${range}&unknown=1`, 'unknown'],
      [`${range}&start_date=2026-11-02`, 'start_date'],
      [`${range}&search=%00`, 'search'],
      [`${range}&cursor=abc`, 'cursor'],
    ];
    for (const [query, path] of wrong) {
      const response = await api.get(`${products}?${query}`);
      const body = (await response.json()) as { errors: { path: string }[] };
      expect([response.status, body.errors.map((fault) => fault.path)[0]], query).toEqual([400, path]);
    }
    const dated = await api.get(`/api/v1/shops/${shopIds[0]}/analytics/products?${range}&sort=date`);
    expect(dated.status).toBe(400);
    expect((await api.get(`${products}?start_date=2016-01-01&end_date=2026-01-07`)).status).toBe(200);
    for (const shop of ['shop-999', '0', "'; drop table shops; --"]) {
      const path = `/api/v1/tik_tok_shops/${encodeURIComponent(shop)}/product_analytics?${range}`;
      expect((await api.get(path)).status, shop).toBe(404);
      expect((await api.get(`${products}?${range}&shops=${encodeURIComponent(shop)}`)).status).toBe(404);
    }
  });

  it('is a cursor that was changed or is of another query', async () => {
    const path = `/api/v1/tik_tok_shops/${shopIds[0]}/product_analytics?end_date=2026-10-01&limit=2`;
    const { next_cursor: cursor } = await figures.read(`${path}&start_date=${first}`);
    if (cursor === null) throw new Error('There is one page only.');
    expect((await api.get(`${path}&start_date=${first}&cursor=${cursor}`)).status).toBe(200);
    const others = [
      `start_date=${addDays(first, 1)}`,
      `start_date=${first}&min_gmv=1`,
      `start_date=${first}&order=asc`,
    ];
    for (const query of others) expect((await api.get(`${path}&${query}&cursor=${cursor}`)).status).toBe(400);
    for (let nth = 0; nth < cursor.length; nth++) {
      const changed = `${cursor.slice(0, nth)}${cursor[nth] === 'A' ? 'B' : 'A'}${cursor.slice(nth + 1)}`;
      expect((await api.get(`${path}&start_date=${first}&cursor=${changed}`)).status, changed).toBe(400);
    }
  });

  it('is the shop of another key', async () => {
    const [own, foreign] = shopIds;
    const made = await api.send('POST', '/api/v1/api_keys', {
      name: 'one shop',
      scopes: ['read'],
      shops: [own],
    });
    const { key } = (await made.json()) as { key: string };
    const range = 'start_date=2026-11-01&end_date=2026-11-05';
    expect((await api.get(`/api/v1/shops/${own}/analytics/shop?${range}`, key)).status).toBe(200);
    expect((await api.get(`/api/v1/shops/${foreign}/analytics/shop?${range}`, key)).status).toBe(404);
    expect((await api.get(`/api/v1/shops/${own}/analytics/shop?${range}&shops=${foreign}`, key)).status).toBe(
      404,
    );
  });
});
