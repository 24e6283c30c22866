import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDay } from '../../src/activities/analytics/read-day.ts';
import { readWorkbookForImport } from '../../src/analytics/import-workbook.ts';
import { planRunDays } from '../../src/analytics/run-days.ts';
import { insertRun, takeNextRun } from '../../src/db/queries/runs.ts';
import { scopeToShop } from '../../src/db/queries/shop-scope.ts';
import { keepWorkbook } from '../../src/db/queries/workbook-uploads.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { clientWithoutApp } from '../../src/sources/tiktok-shop/without-app.ts';
import {
  productExport,
  productRow,
  type TestCell,
  titles,
  workbook,
} from '../../src/sources/workbook/testing/workbook.ts';
import { addShop, environmentKey, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.close());

const head = (day: string) => `Analysis date: ${day}~${day}`;
const rows: TestCell[][] = [
  productRow('1729384756473829123', '$1,962.29', { number: '70' }, { number: '88' }),
  productRow('9007199254740993', '0.10', { number: '1' }, { number: '1' }),
  productRow('5', '-', '-', '-'),
];

async function upload(
  shopId: string,
  file: Buffer | string,
  more: Record<string, string> = {},
  headers = {},
) {
  const form = new FormData();
  if (typeof file === 'string') form.set('file', file);
  else form.set('file', new Blob([file]), 'product_list.xlsx');
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  const response = await api.app.request(`/api/v1/shops/${shopId}/analytics/workbooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${environmentKey}`, ...headers },
    body: form,
  });
  const body = (await response.json()) as { run_id: string; errors: { path: string }[] };
  return { status: response.status, body };
}

describe('uploading a workbook', () => {
  it('starts a run with what it says', async () => {
    const shopId = await addShop(api.sql);
    const before = api.world.started.length;
    const { status, body } = await upload(shopId, productExport(head('22/03/2025'), rows));
    expect([status, body.run_id]).toEqual([202, expect.stringMatching(/^run_/)]);
    expect(api.world.started.slice(before)).toEqual([
      {
        ...{ shopId, stream: 'analytics', mode: 'window', trigger: 'api' },
        backfill: { streams: ['products'], dateFrom: '2025-03-22', dateTo: '2025-03-22', source: 'workbook' },
        workbook: {
          fileSha256: expect.any(Buffer),
          products: [
            expect.objectContaining({ productId: '1729384756473829123', gmv: '1962.29' }),
            expect.objectContaining({ productId: '9007199254740993', gmv: '0.10' }),
            expect.objectContaining({ productId: '5', gmv: null }),
          ],
        },
      },
    ]);
  });

  it('takes the same file again for the same request, whatever its boundary', async () => {
    const shopId = await addShop(api.sql);
    const key = { 'Idempotency-Key': randomBytes(8).toString('hex') };
    const file = productExport(head('22/03/2025'), rows);
    const first = await upload(shopId, file, {}, key);
    expect(await upload(shopId, file, {}, key)).toEqual(first);
    expect((await upload(shopId, file, { date: '2025-03-22' }, key)).status).toBe(422);
  });

  it.each<[string, Buffer | string, Record<string, string>, string]>([
    ['a text field', 'Product ID', {}, 'file'],
    ['an empty file', Buffer.alloc(0), {}, 'file'],
    ['a page', Buffer.from('<html>log in</html>'), {}, 'file'],
    ['another workbook', workbook([['Order ID', 'Amount']]), {}, 'file'],
    ['several days', productExport('Analysis date: 01/03/2025~02/03/2025', rows), {}, 'file'],
    ['another day than it says', productExport(head('22/03/2025'), rows), { date: '2025-03-23' }, 'file'],
    ['a day to come', productExport(head('22/03/2099'), rows), {}, 'file'],
    ['a day that is none', productExport(head('22/03/2025'), rows), { date: '2025-02-30' }, 'date'],
    ['an unknown field', productExport(head('22/03/2025'), rows), { dates: '2025-02-28' }, 'dates'],
    [
      'a figure in another notation',
      productExport(head('22/03/2025'), [productRow('1', '1.962', '1', '1')]),
      {},
      'row 3, gmv',
    ],
  ])('refuses %s, and starts nothing', async (_name, file, more, path) => {
    const shopId = await addShop(api.sql);
    const before = api.world.started.length;
    const { status, body } = await upload(shopId, file, more);
    expect([status, body.errors[0]?.path]).toEqual([400, path]);
    expect(api.world.started).toHaveLength(before);
  });

  it('refuses what is no form, a broken one, two files, and one that is too large', async () => {
    const shopId = await addShop(api.sql);
    const path = `/api/v1/shops/${shopId}/analytics/workbooks`;
    expect((await api.send('POST', path, { file: 'x' })).status).toBe(415);
    expect((await api.send('POST', path)).status).toBe(415);
    const broken = { 'content-type': 'multipart/form-data; boundary=x' };
    const send = (body: FormData | string, headers: Record<string, string> = {}) =>
      api.app.request(path, {
        ...{ method: 'POST', body },
        headers: { authorization: `Bearer ${environmentKey}`, ...headers },
      });
    expect((await send('--y\r\n', broken)).status).toBe(400);
    const two = new FormData();
    two.append('file', new Blob(['a']), 'a');
    two.append('file', new Blob(['b']), 'b');
    expect((await send(two)).status).toBe(400);
    const large = new FormData();
    large.append('file', new Blob([Buffer.alloc(11 * 1024 * 1024)]), 'a');
    expect((await send(large)).status).toBe(413);
  });
});

describe('the run of a workbook', () => {
  /** What workflow and activities do of it. */
  async function importFile(shopId: string, file: Buffer): Promise<string> {
    const { backfill, workbook: upload } = await readWorkbookForImport(scopeToShop(shopId), api.sql, {
      file,
      date: null,
    });
    const runId = `run_${randomBytes(6).toString('hex')}`;
    const workflowId = `analyticsBackfill/${shopId}`;
    await api.sql.begin(async (tx) => {
      const run = { runId, shopId, stream: 'analytics', mode: 'window', trigger: 'api', workflowId } as const;
      await insertRun(tx, { ...run, window: null, backfill: backfill ?? null });
      await keepWorkbook(tx, { shopId, runId, ...upload });
    });
    await takeNextRun(api.sql, shopId, 'analytics');
    const date = backfill?.dateFrom ?? '';
    await planRunDays(api.sql, runId, [{ stream: 'products', date }]);
    const dependencies = {
      ...{ sql: api.sql, client: clientWithoutApp, clock: createUpstreamClock() },
      drift: { note: () => undefined },
      sellerCenter: { readDay: () => Promise.reject(new Error('The seller center was asked.')) },
    };
    const control = { signal: new AbortController().signal, heartbeat: () => undefined };
    await readDay(dependencies, control, { runId, stream: 'products', date });
    await api.sql`update sync_runs set status = 'completed', finished_at = now() where run_id = ${runId}`;
    const [day] = await api.sql<{ told: string }[]>`
      select status || ' ' || fetched || ' ' || written || ' ' || unchanged as told
      from analytics_run_days where run_id = ${runId}`;
    return day?.told ?? '';
  }

  const stored = (shopId: string) => api.sql`
    select product_id, gmv::text, items_sold, orders_count, product_impressions from analytics_products
    where shop_id = ${shopId} and date = '2025-03-22' order by product_id`;

  it('stores its figures as those of the day, and a repeat changes nothing', async () => {
    const shopId = await addShop(api.sql);
    const file = productExport(head('22/03/2025'), rows);
    expect(await importFile(shopId, file)).toBe('done 2 2 0');
    const figures = [
      {
        product_id: '1729384756473829123',
        gmv: '1962.29',
        items_sold: 88,
        orders_count: 70,
        product_impressions: 1000,
      },
      {
        product_id: '9007199254740993',
        gmv: '0.10',
        items_sold: 1,
        orders_count: 1,
        product_impressions: 1000,
      },
    ];
    expect(await stored(shopId)).toEqual(figures);
    expect(await importFile(shopId, file)).toBe('done 2 0 2');
    expect(await stored(shopId)).toEqual(figures);
    const [day] = await api.sql`select source, reads from analytics_days where shop_id = ${shopId}`;
    expect(day).toEqual({ source: 'workbook', reads: 2 });
  });

  it('keeps what it changes of a day that was there', async () => {
    const shopId = await addShop(api.sql);
    await importFile(shopId, productExport(head('22/03/2025'), rows));
    const later = [productRow('1729384756473829123', '$1,962.30', { number: '70' }, { number: '88' })];
    expect(await importFile(shopId, productExport(head('22/03/2025'), later))).toMatch(/^restated/);
    const restatements = await api.sql`
      select key, field, old::text, new::text from analytics_restatements
      where shop_id = ${shopId} and field = 'gmv' order by key`;
    expect(restatements).toEqual([
      { key: '1729384756473829123', field: 'gmv', old: '1962.29', new: '1962.30' },
      { key: '9007199254740993', field: 'gmv', old: '0.10', new: null },
    ]);
  });

  it('names products that nobody else has named, and only those', async () => {
    const shopId = await addShop(api.sql);
    await api.sql`
      insert into products (shop_id, product_id, title, status, observed_at, page_id)
      values (${shopId}, '9007199254740993', 'By the catalogue', 'SELLER_DEACTIVATED', now(), 1)`;
    await importFile(shopId, productExport(head('22/03/2025'), rows));
    expect(
      await api.sql`select product_id, title, status from products where shop_id = ${shopId} order by product_id`,
    ).toEqual([
      { product_id: '1729384756473829123', title: 'Product 1729384756473829123', status: 'ACTIVATE' },
      { product_id: '5', title: 'Product 5', status: 'ACTIVATE' },
      { product_id: '9007199254740993', title: 'By the catalogue', status: 'SELLER_DEACTIVATED' },
    ]);
  });

  it('reads amounts as shops without minor units write them', async () => {
    const shopId = await addShop(api.sql, { region: 'VN', currency: 'VND', time_zone: '+07:00' });
    const dong = [productRow('7', '2.621.500₫', '1', '1'), productRow('8', '138.772', '1', '1')];
    await importFile(shopId, productExport(head('22/03/2025'), dong));
    expect((await stored(shopId)).map(({ gmv }) => gmv)).toEqual(['2621500', '138772']);
    expect(titles).toContain('GMV');
  });
});
