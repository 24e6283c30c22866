import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { productExport, productRow } from '../../src/sources/workbook/testing/workbook.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import {
  chromiumPath,
  expectReadable,
  keepPicture,
  launchBrowser,
  openPage,
  type WatchedPage,
} from '../support/browser.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

type Row = Record<string, string | number | null>;
interface List {
  data: Row[];
  next_cursor: string | null;
  total: number;
}

/** Dollars as people of the United States write them, made from the exact text by no number format. */
function dollars(amount: unknown): string {
  const [whole = '', cents = ''] = String(amount).replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${String(amount).startsWith('-') ? '-' : ''}$${grouped}.${cents.padEnd(2, '0')}`;
}

const whole = (number: unknown): string => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

describe.skipIf(chromiumPath === undefined)('the analytics page', () => {
  let rig: SyncRig;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  /** The last day that TikTok tells figures of. */
  let last: string;

  beforeAll(async () => {
    rig = await startSyncRig(
      [
        ...['--orders-count', '1800', '--history-days', '70', '--products', '60', '--seed', '8'],
        ...['--shops', '2', '--sellers', '2'],
      ],
      {},
    );
    await rig.connectSeller(0);
    await rig.connectSeller(1);
    const shops = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops order by shop_id`;
    const told = await rig.control<{ latest_available_date: string }>(
      'GET',
      `/shops/${shops[0]?.id}/analytics`,
    );
    last = told.latest_available_date;
    // The second shop's app may not see analytics.
    await rig.control('POST', `/shops/${shops[1]?.id}/analytics`, {
      withheld_scopes: ['data.shop_analytics.public.read'],
    });
    const sync = (stream: string) =>
      rig.api.post<StartedRun>('/api/v1/shops/shop-1/syncs', { stream, mode: 'full' });
    const backfill = (shop: string, streams: string[], days: number) =>
      rig.api.post<StartedRun>(`/api/v1/shops/${shop}/backfills`, {
        ...{ streams, start_date: addDays(last, 1 - days), end_date: last },
      });
    const runs = [
      await sync('orders'),
      await sync('products'),
      await backfill('shop-1', ['shop', 'products'], 60),
      await backfill('shop-1', ['videos', 'lives', 'creators', 'affiliates'], 10),
    ];
    for (const { run_id: runId } of runs)
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    const { run_id: refused } = await backfill('shop-2', ['shop', 'products'], 2);
    expect(await rig.finished(refused)).toMatchObject({ error: { code: 'permission-missing' } });
    browser = await launchBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });

  beforeEach(async () => {
    watched = await openPage(browser);
    page = watched.page;
    const picture =
      '<svg xmlns="http://www.w3.org/2000/svg"><rect width="44" height="44" fill="#8cc"/></svg>';
    await page.route('https://images.invalid/**', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: picture }),
    );
  });
  afterEach(() => watched.close());

  async function open(query: string): Promise<void> {
    await page.goto(`${rig.apiUrl}/analytics?${query}`);
    await page.getByLabel('API key').fill(rig.apiKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Analytics' }).waitFor();
  }

  const region = (name: string): Locator => page.getByRole('region', { name });

  /** The texts of a table's cells, row by row. */
  async function cells(table: Locator): Promise<string[][]> {
    const rows = await table.locator('tbody tr').all();
    return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
  }

  const inLastDays = (days: number): string => `start_date=${addDays(last, 1 - days)}&end_date=${last}`;
  const customDays = (days: number): string => `range=custom&from=${addDays(last, 1 - days)}&to=${last}`;

  it('shows the key figures that the API tells, of the days and the comparison that are chosen', async () => {
    await open('shop=shop-1');
    const tiles = region('Key figures');
    const check = async (query: string) => {
      const kpis = await rig.api.get<Record<string, unknown>>(`/api/v1/shops/shop-1/kpis?${query}`);
      expect(kpis).toMatchObject({ currency: 'USD' });
      const before = kpis.previous as Record<string, unknown>;
      for (const [label, name, write] of [
        ['GMV', 'gmv', dollars],
        ['Net GMV', 'net_gmv', dollars],
        ['Average order', 'average_order_value', dollars],
        ['GMV as TikTok tells it', 'tiktok_gmv', dollars],
        ['Orders', 'orders_count', whole],
        ['Items sold', 'items_sold', whole],
        ['New customers', 'new_customers', whole],
        ['Returning customers', 'returning_customers', whole],
      ] as const) {
        const term = tiles.locator('.tile').filter({ has: page.getByText(label, { exact: true }) });
        await expect.poll(() => term.locator('strong').textContent()).toBe(write(kpis[name]));
        if (before[name] !== null && Number(before[name]) !== 0) {
          expect(await term.textContent()).toContain(`from ${write(before[name])}`);
        }
      }
    };
    await check('days=30');
    await keepPicture(page, 'analytics');
    await page.getByLabel('Days', { exact: true }).selectOption('Last 7 days');
    await check('days=7');
    await page.getByLabel('Compared with').selectOption('a year before');
    await check('days=7&compare=previous_year');
    await page.getByLabel('Days', { exact: true }).selectOption('Other days');
    await page.getByLabel('From', { exact: true }).fill(addDays(last, -20));
    await page.getByLabel('To', { exact: true }).fill(addDays(last, -3));
    await page.getByRole('button', { name: 'Show' }).click();
    await check(`start_date=${addDays(last, -20)}&end_date=${addDays(last, -3)}&compare=previous_year`);
    // What is shown stands in the address.
    await page.reload();
    await check(`start_date=${addDays(last, -20)}&end_date=${addDays(last, -3)}&compare=previous_year`);
    await page.goBack();
  });

  it('draws what TikTok tells by day, week and month, to be read by keys and as a table', async () => {
    await open(`shop=shop-1&${customDays(30)}`);
    const chart = region('As TikTok tells it');
    const read = (granularity: string) =>
      rig.api.get<List>(
        `/api/v1/shops/shop-1/analytics/shop?${inLastDays(30)}&granularity=${granularity}&compare=previous_period`,
      );
    await chart.getByText('As a table').click();
    for (const [step, granularity] of [
      ['Days', 'day'],
      ['Weeks', 'week'],
      ['Months', 'month'],
    ] as const) {
      await page.getByLabel('In steps of').selectOption(step);
      const { data } = await read(granularity);
      const expected = data.map((row) => [dollars(row.gmv), dollars((row.previous as unknown as Row).gmv)]);
      await expect
        .poll(async () => (await cells(chart.locator('table'))).map(([, ...figures]) => figures))
        .toEqual(expected);
    }
    await page.getByLabel('In steps of').selectOption('Days');
    const { data } = await read('day');
    const reader = chart.getByRole('slider');
    await expect.poll(() => reader.getAttribute('max')).toBe('29');
    await reader.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => chart.locator('output').textContent()).toContain(dollars(data[1]?.gmv));
    expect(await chart.locator('.freshness').textContent()).toMatch(/may still be corrected by TikTok/);
    await page.getByLabel('Figure', { exact: true }).selectOption('Visitors');
    await expect.poll(() => chart.locator('output').textContent()).toContain(whole(data[1]?.visitors));
  });

  it('lists products as the API does: sorted, narrowed, page by page, and as a file', async () => {
    await open(`shop=shop-1&view=products&${customDays(30)}`);
    const list = region('Products');
    const path = `/api/v1/shops/shop-1/analytics/products?${inLastDays(30)}&limit=25&with_total=true`;
    const check = async (query: string): Promise<List> => {
      const found = await rig.api.get<List>(`${path}${query}`);
      const expected = found.data.map((row) => [
        row.product_id,
        dollars(row.gmv),
        whole(row.items_sold),
        whole(row.orders_count),
      ]);
      await expect
        .poll(async () =>
          (await cells(list.locator('table'))).map(([name = '', gmv = '', items, orders]) => [
            /\d{15,}$/.exec(name.trim())?.[0],
            /^-?\$[\d,.]+\.\d\d/.exec(gmv)?.[0],
            items,
            orders,
          ]),
        )
        .toEqual(expected);
      return found;
    };
    const first = await check('&sort=gmv&order=desc');
    expect(first.total).toBeGreaterThan(25);
    await keepPicture(page, 'analytics-products');
    await list.getByRole('button', { name: 'Next page' }).click();
    await check(`&sort=gmv&order=desc&cursor=${first.next_cursor}`);
    await list.getByRole('button', { name: 'Items sold' }).click();
    await check('&sort=items_sold&order=desc');
    await list.getByRole('button', { name: 'Items sold' }).click();
    await check('&sort=items_sold&order=asc');
    await list.getByLabel('GMV at least').fill('500');
    await list.getByLabel('Status').selectOption('Live');
    await page.keyboard.press('Enter');
    await list.getByRole('button', { name: 'Narrow' }).click();
    const narrowed = await check('&sort=items_sold&order=asc&min_gmv=500&status=live');
    expect(narrowed.total).toBeLessThan(first.total);

    await list.getByRole('button', { name: 'as CSV' }).click();
    const link = list.getByRole('link', { name: /^Download .*\.csv$/ });
    await link.waitFor({ timeout: 60_000 });
    const arriving = page.waitForEvent('download');
    await link.click();
    const lines = readFileSync(await (await arriving).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(narrowed.total + 1);
    expect(lines[0]).toMatch(/^shop_id,product_id,title/);
    for (const { product_id: id } of narrowed.data)
      expect(lines.some((line) => line.includes(`${id}`))).toBe(true);

    await list.getByLabel('Name or id').fill('no such product');
    await list.getByRole('button', { name: 'Narrow' }).click();
    await list.getByText('Nothing fits these filters.').waitFor();
  });

  it('leads from a LIVE session to its minutes', async () => {
    const lives = await rig.api.get<List>(`/api/v1/shops/shop-1/analytics/lives?${inLastDays(10)}&limit=100`);
    const minutesOf = (live: Row) =>
      rig.api.get<List>(`/api/v1/shops/shop-1/analytics/lives/${live.live_id}/minutes?limit=500`);
    let chosen: Row | undefined;
    for (const live of lives.data) {
      if ((await minutesOf(live)).data.length > 0) chosen = live;
    }
    if (chosen === undefined) throw new Error('No session has minutes.');
    await open(`shop=shop-1&view=lives&${customDays(10)}`);
    await page.getByLabel('Name or id').fill(String(chosen.live_id));
    await page.getByRole('button', { name: 'Narrow' }).click();
    await page.getByText('LIVE sessions: 1', { exact: true }).waitFor();
    await page.getByRole('table').getByRole('link').click();
    const { data } = await minutesOf(chosen);
    await page.getByText(`Session ${chosen.live_id}`).waitFor();
    const gmv = page.locator('figure').first();
    await gmv.getByText('As a table').click();
    expect((await cells(gmv.locator('table'))).map(([, figure]) => figure)).toEqual(
      data.map((row) => dollars(row.gmv)),
    );
    await keepPicture(page, 'analytics-live');
    await page.getByRole('link', { name: 'All LIVE sessions' }).click();
    await region('LIVE sessions').getByRole('table').waitFor();
  });

  it.each([
    ['Videos', 'videos'],
    ['Creators', 'creators'],
    ['Affiliates', 'affiliates'],
    ['Brands', 'brands'],
  ])('shows %s with the figures of the API', async (title, stream) => {
    await open(`shop=shop-1&${customDays(10)}`);
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title }).click();
    const list = region(title);
    const { data, total } = await rig.api.get<List>(
      `/api/v1/shops/shop-1/analytics/${stream}?${inLastDays(10)}&limit=25&with_total=true`,
    );
    expect(total).toBeGreaterThan(0);
    await list.getByText(`${title}: ${whole(total)}`).waitFor();
    const seen = (await cells(list.locator('table'))).map(
      ([, gmv = '']) => /^-?\$[\d,.]+\.\d\d/.exec(gmv)?.[0],
    );
    expect(seen).toEqual(data.map((row) => dollars(row.gmv)));
  });

  it('says what stands out and how that was found, and sets orders beside TikTok', async () => {
    await open(`shop=shop-1&view=insights&${customDays(30)}`);
    const path = '/api/v1/shops/shop-1/analytics';
    const found = await rig.api.get<Record<string, { how: string; data: Row[] }>>(
      `${path}/insights?${inLastDays(30)}`,
    );
    for (const [title, name] of [
      ['Best sellers', 'best_sellers'],
      ['Running out', 'running_out'],
      ['Slow movers', 'slow_movers'],
      ['Unusual days', 'unusual_days'],
    ] as const) {
      const insight = region(title);
      await insight.getByText('How this is worked out').click();
      await insight.getByText(found[name]?.how ?? '').waitFor();
      expect(await cells(insight)).toHaveLength(found[name]?.data.length ?? -1);
    }
    expect((await cells(region('Best sellers'))).map(([, gmv]) => gmv)).toEqual(
      found.best_sellers?.data.map((row) => dollars(row.gmv)),
    );
    await keepPicture(page, 'analytics-insights');

    await page.getByRole('link', { name: 'Orders and TikTok' }).click();
    const compared = await rig.api.get<List>(`${path}/order_comparison?${inLastDays(30)}&limit=31`);
    const table = region('Your orders beside TikTok’s figure').locator('table');
    await table.waitFor();
    expect(
      (await cells(table)).map(([, orders, tiktok, difference]) => [orders, tiktok, difference]),
    ).toEqual(compared.data.map((day) => [day.orders_gmv, day.tiktok_gmv, day.difference].map(dollars)));
    await keepPicture(page, 'analytics-orders');
    await page.getByRole('link', { name: 'Corrections' }).click();
    await page.getByText('TikTok has corrected nothing of these days so far.').waitFor();
  });

  it('reads days that are asked for, says which failed, and reads only these again', async () => {
    await rig.control('POST', '/faults', {
      ...{ kind: 'code', route: 'analytics_products', times: 2 },
      ...{ code: 36009004, http_status: 400, message: 'Invalid parameter start_date_ge' },
    });
    await open(`shop=shop-1&view=reading&${customDays(3)}`);
    const form = region('Read days');
    for (const box of await form.getByRole('checkbox').all()) {
      if ((await box.getAttribute('value')) !== 'products') await box.uncheck();
    }
    await form.getByRole('button', { name: 'Read these days' }).click();
    const readings = region('What was read');
    await readings.getByText('2 could not be read.').waitFor({ timeout: 60_000 });
    await keepPicture(page, 'analytics-failed');
    await readings.getByRole('button', { name: 'Read the failed days again' }).click();
    await readings.getByText('2 could not be read.').waitFor({ state: 'detached', timeout: 60_000 });
    await readings.locator('.badge.completed').first().waitFor({ timeout: 60_000 });
    expect(await cells(readings.locator('table'))).toEqual([['Products', '3']]);
  });

  it('imports a workbook of the seller center, and says what is wrong with another file', async () => {
    await open('shop=shop-1&view=reading');
    const form = region('Import a workbook');
    const file = form.getByLabel('Workbook (.xlsx)');
    watched.expectRefusals(400);
    const send = async (buffer: Buffer) => {
      await file.setInputFiles({ name: 'product_list.xlsx', mimeType: 'application/octet-stream', buffer });
      await form.getByRole('button', { name: 'Import' }).click();
    };
    await send(Buffer.from('<html>log in</html>'));
    await form.getByRole('alert').waitFor();
    await send(
      productExport('Analysis date: 22/03/2025~22/03/2025', [
        productRow('1729384756473829123', '$1,962.29', { number: '70' }, { number: '88' }),
        productRow('9007199254740993', '0.10', { number: '1' }, { number: '1' }),
      ]),
    );
    await form.getByText('Mar 22, 2025: 2 products, 2 new or changed').waitFor({ timeout: 60_000 });
    const { data } = await rig.api.get<List>(
      '/api/v1/shops/shop-1/analytics/products?start_date=2025-03-22&end_date=2025-03-22',
    );
    expect(data.map((row) => [row.product_id, row.gmv])).toEqual([
      ['1729384756473829123', '1962.29'],
      ['9007199254740993', '0.10'],
    ]);
  });

  it('keeps the seller center off until its owner hands over a session, and forgets it again', async () => {
    await open('shop=shop-1&view=reading');
    const settings = region('Seller center');
    await settings.getByText('off', { exact: true }).waitFor();
    await settings.getByText('Turn on with your own session').click();
    const cookie = 'sessionid_tiktokseller=0123456789abcdef; s_v_web_id=verify_x_1';
    await settings.getByLabel(/^Cookie/).fill(cookie);
    await settings.getByLabel('Seller id').fill('7495000000000000001');
    const give = settings.getByRole('button', { name: 'Hand over the session' });
    // Without the consent the browser sends nothing.
    await give.click();
    expect(await rig.api.get('/api/v1/shops/shop-1/seller_center')).toMatchObject({ status: 'off' });
    await settings.getByRole('checkbox').check();
    await keepPicture(page, 'analytics-seller-center', settings);
    await give.click();
    await settings.getByText('connected', { exact: true }).waitFor();
    expect(await page.content()).not.toContain('0123456789abcdef');
    await settings.getByRole('button', { name: 'Forget the session' }).click();
    await settings.getByText('off', { exact: true }).waitFor();
  });

  it('says what is not permitted, not read, and not answered', async () => {
    await open('shop=shop-2');
    await page.getByText('TikTok does not show figures of the shop to your app.').waitFor();
    await keepPicture(page, 'analytics-not-permitted');
    await page.getByLabel('Shop', { exact: true }).selectOption({ index: 0 });
    await region('As TikTok tells it').locator('figure').waitFor();
    await page.goto(
      `${rig.apiUrl}/analytics?shop=shop-1&view=videos&range=custom&from=2020-01-01&to=2020-01-31`,
    );
    await page
      .getByText('No figures of videos from Jan 1, 2020 to Jan 31, 2020 have been read yet.')
      .waitFor();
    await page.getByRole('link', { name: 'Read these days' }).click();
    expect(await region('Read days').getByLabel('First day').inputValue()).toBe('2020-01-01');

    for (const [status, text] of [
      [500, 'This could not be read just now.'],
      [403, 'You may not see this with your key.'],
    ] as const) {
      watched.expectRefusals(status);
      const brands = '**/api/v1/shops/shop-1/analytics/brands*';
      await page.route(brands, (route) => route.fulfill({ status, json: { detail: 'Refused.' } }));
      await page.goto(`${rig.apiUrl}/analytics?shop=shop-1&view=brands`);
      await page.getByRole('alert').getByText(text).waitFor();
      await page.unroute(brands);
      await page.getByRole('button', { name: 'Try again' }).click();
      await region('Brands').getByRole('table').waitFor();
    }
  });

  it('is readable in the dark, on a small screen, and to a machine', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await open('shop=shop-1');
    await region('As TikTok tells it').locator('figure').waitFor();
    await keepPicture(page, 'analytics-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await keepPicture(page, 'analytics-small');
    await expectReadable(page);
    for (const view of ['products', 'insights', 'orders', 'reading']) {
      await page.goto(`${rig.apiUrl}/analytics?shop=shop-1&view=${view}`);
      await page.locator('section.card').first().waitFor();
      await page.locator('table').first().waitFor();
      await expectReadable(page);
      await keepPicture(page, `analytics-small-${view}`);
    }
  });
});
