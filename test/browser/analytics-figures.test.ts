import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { cells, dollars, type List, type Row, viewAnalytics, whole } from '../support/analytics-page.ts';
import { chromiumPath } from '../support/browser.ts';

describe.skipIf(chromiumPath === undefined)('figures on the analytics page', () => {
  const view = viewAnalytics({
    orders: 1_800,
    days: 60,
    streams: ['shop', 'products'],
    recent: ['skus', 'videos', 'lives', 'creators', 'affiliates'],
  });

  it('shows the key figures that the API tells, of the days and the comparison that are chosen', async () => {
    await view.open('shop=shop-1');
    const tiles = view.region('Key figures');
    const check = async (query: string) => {
      const kpis = await view.rig.api.get<Record<string, unknown>>(`/api/v1/shops/shop-1/kpis?${query}`);
      expect(kpis).toMatchObject({ currency: 'USD' });
      const before = kpis.previous as Record<string, unknown>;
      for (const [label, name, write] of [
        ['GMV', 'gmv', dollars],
        ['Net GMV', 'net_gmv', dollars],
        ['Average order value', 'average_order_value', dollars],
        ['GMV according to TikTok', 'tiktok_gmv', dollars],
        ['Orders', 'orders_count', whole],
        ['Items sold', 'items_sold', whole],
        ['New customers', 'new_customers', whole],
        ['Returning customers', 'returning_customers', whole],
      ] as const) {
        const term = tiles.locator('.tile').filter({ has: view.page.getByText(label, { exact: true }) });
        await expect.poll(() => term.locator('strong').textContent()).toBe(write(kpis[name]));
        if (before[name] !== null && Number(before[name]) !== 0) {
          expect(await term.textContent()).toContain(`from ${write(before[name])}`);
        }
      }
    };
    await check('days=30');
    await view.keepPicture('analytics');
    await view.page.getByLabel('Days', { exact: true }).selectOption('Last 7 days');
    await check('days=7');
    await view.page.getByLabel('Compare with').selectOption('previous year');
    await check('days=7&compare=previous_year');
    await view.page.getByLabel('Days', { exact: true }).selectOption('Custom');
    await view.page.getByLabel('From', { exact: true }).fill(addDays(view.last, -20));
    await view.page.getByLabel('To', { exact: true }).fill(addDays(view.last, -3));
    await view.page.getByRole('button', { name: 'Show' }).click();
    await check(
      `start_date=${addDays(view.last, -20)}&end_date=${addDays(view.last, -3)}&compare=previous_year`,
    );
    // What is shown stands in the address.
    await view.page.reload();
    await check(
      `start_date=${addDays(view.last, -20)}&end_date=${addDays(view.last, -3)}&compare=previous_year`,
    );
    await view.page.goBack();
  });

  it('draws what TikTok tells by day, week and month, to be read by keys and as a table', async () => {
    await view.open(`shop=shop-1&${view.customDays(30)}`);
    const chart = view.region('Trend, by TikTok’s figures');
    const read = (granularity: string) =>
      view.rig.api.get<List>(
        `/api/v1/shops/shop-1/analytics/shop?${view.inLastDays(30)}&granularity=${granularity}&compare=previous_period`,
      );
    await chart.getByText('As a table').click();
    for (const [step, granularity] of [
      ['Days', 'day'],
      ['Weeks', 'week'],
      ['Months', 'month'],
    ] as const) {
      await view.page.getByLabel('Group by').selectOption(step);
      const { data } = await read(granularity);
      const expected = data.map((row) => [dollars(row.gmv), dollars((row.previous as unknown as Row).gmv)]);
      await expect
        .poll(async () => (await cells(chart.locator('table'))).map(([, ...figures]) => figures))
        .toEqual(expected);
    }
    await view.page.getByLabel('Group by').selectOption('Days');
    const { data } = await read('day');
    const reader = chart.getByRole('slider');
    await expect.poll(() => reader.getAttribute('max')).toBe('29');
    await reader.focus();
    await view.page.keyboard.press('Home');
    await view.page.keyboard.press('ArrowRight');
    await expect.poll(() => chart.locator('output').textContent()).toContain(dollars(data[1]?.gmv));
    expect(await chart.locator('.freshness').textContent()).toMatch(/may still be corrected by TikTok/);
    await view.page.getByLabel('Figure', { exact: true }).selectOption('Visitors');
    await expect.poll(() => chart.locator('output').textContent()).toContain(whole(data[1]?.visitors));
  });

  it('lists products as the API does: sorted, narrowed, page by page, and as a file', async () => {
    await view.open(`shop=shop-1&view=products&${view.customDays(30)}`);
    const list = view.region('Products');
    const path = `/api/v1/shops/shop-1/analytics/products?${view.inLastDays(30)}&limit=25&with_total=true`;
    const check = async (query: string): Promise<List> => {
      const found = await view.rig.api.get<List>(`${path}${query}`);
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
    await view.keepPicture('analytics-products', 'screen');
    await list.getByRole('button', { name: 'Next page' }).click();
    await check(`&sort=gmv&order=desc&cursor=${first.next_cursor}`);
    await list.getByRole('button', { name: 'Items sold' }).click();
    await check('&sort=items_sold&order=desc');
    await list.getByRole('button', { name: 'Items sold' }).click();
    await check('&sort=items_sold&order=asc');
    await list.getByLabel('GMV at least').fill('500');
    await list.getByLabel('Status').selectOption('Live');
    await list.getByRole('button', { name: 'Filter', exact: true }).click();
    const narrowed = await check('&sort=items_sold&order=asc&min_gmv=500&status=live');
    expect(narrowed.total).toBeLessThan(first.total);

    await list.getByRole('button', { name: 'as CSV' }).click();
    const link = list.getByRole('link', { name: /^Download .*\.csv$/ });
    await link.waitFor({ timeout: 60_000 });
    const arriving = view.page.waitForEvent('download');
    await link.click();
    const lines = readFileSync(await (await arriving).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(narrowed.total + 1);
    expect(lines[0]).toMatch(/^shop_id,product_id,title/);
    for (const { product_id: id } of narrowed.data)
      expect(lines.some((line) => line.includes(`${id}`))).toBe(true);

    await list.getByLabel('Name or id').fill('no such product');
    await view.page.keyboard.press('Enter');
    await list.getByText('Nothing fits these filters.').waitFor();
  });

  it('leads from a LIVE session to its minutes', async () => {
    const lives = await view.rig.api.get<List>(
      `/api/v1/shops/shop-1/analytics/lives?${view.inLastDays(10)}&limit=100`,
    );
    const minutesOf = (live: Row) =>
      view.rig.api.get<List>(`/api/v1/shops/shop-1/analytics/lives/${live.live_id}/minutes?limit=500`);
    let chosen: Row | undefined;
    for (const live of lives.data) {
      if ((await minutesOf(live)).data.length > 0) chosen = live;
    }
    if (chosen === undefined) throw new Error('No session has minutes.');
    await view.open(`shop=shop-1&view=lives&${view.customDays(10)}`);
    await view.page.getByLabel('Name or id').fill(String(chosen.live_id));
    await view.page.getByRole('button', { name: 'Filter', exact: true }).click();
    await view.page.getByText('LIVE sessions: 1', { exact: true }).waitFor();
    await view.page.getByRole('table').getByRole('link').click();
    const { data } = await minutesOf(chosen);
    await view.page.getByText(`Session ${chosen.live_id}`).waitFor();
    const gmv = view.page.locator('figure').first();
    await view.keepPicture('analytics-live', 'screen');
    await gmv.getByText('As a table').click();
    expect((await cells(gmv.locator('table'))).map(([, figure]) => figure)).toEqual(
      data.map((row) => dollars(row.gmv)),
    );
    await view.page.getByRole('link', { name: 'All LIVE sessions' }).click();
    await view.region('LIVE sessions').getByRole('table').waitFor();
  });

  it.each([
    ['Variants', 'skus'],
    ['Videos', 'videos'],
    ['Creators', 'creators'],
    ['Affiliates', 'affiliates'],
    ['Brands', 'brands'],
  ])('shows %s with the figures of the API', async (title, stream) => {
    await view.open(`shop=shop-1&${view.customDays(10)}`);
    await view.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title }).click();
    const list = view.region(title);
    const { data, total } = await view.rig.api.get<List>(
      `/api/v1/shops/shop-1/analytics/${stream}?${view.inLastDays(10)}&limit=25&with_total=true`,
    );
    expect(total).toBeGreaterThan(0);
    await list.getByText(`${title}: ${whole(total)}`).waitFor();
    const seen = (await cells(list.locator('table'))).map(
      ([, gmv = '']) => /^-?\$[\d,.]+\.\d\d/.exec(gmv)?.[0],
    );
    expect(seen).toEqual(data.map((row) => dollars(row.gmv)));
  });

  it('says what stands out and how that was found, and sets orders beside TikTok', async () => {
    await view.open(`shop=shop-1&view=insights&${view.customDays(30)}`);
    const path = '/api/v1/shops/shop-1/analytics';
    const found = await view.rig.api.get<Record<string, { how: string; data: Row[] }>>(
      `${path}/insights?${view.inLastDays(30)}`,
    );
    for (const [title, name] of [
      ['Best sellers', 'best_sellers'],
      ['Running out', 'running_out'],
      ['Slow movers', 'slow_movers'],
      ['Unusual days', 'unusual_days'],
    ] as const) {
      const insight = view.region(title);
      await insight.getByText('How this is worked out').click();
      await insight.getByText(found[name]?.how ?? '').waitFor();
      expect(await cells(insight)).toHaveLength(found[name]?.data.length ?? -1);
    }
    expect((await cells(view.region('Best sellers'))).map(([, gmv]) => gmv)).toEqual(
      found.best_sellers?.data.map((row) => dollars(row.gmv)),
    );
    await view.keepPicture('analytics-insights', view.region('Best sellers'));

    await view.page.getByRole('link', { name: 'Orders and TikTok' }).click();
    const compared = await view.rig.api.get<List>(`${path}/order_comparison?${view.inLastDays(30)}&limit=31`);
    const table = view.region('Your orders beside TikTok’s figure').locator('table');
    await table.waitFor();
    expect(
      (await cells(table)).map(([, orders, tiktok, difference]) => [orders, tiktok, difference]),
    ).toEqual(compared.data.map((day) => [day.orders_gmv, day.tiktok_gmv, day.difference].map(dollars)));
    await view.keepPicture('analytics-orders', 'screen');
    await view.page.getByRole('link', { name: 'Corrections' }).click();
    await view.page.getByText('TikTok has corrected nothing of these days so far.').waitFor();
  });
});
