import { describe, expect, it } from 'vitest';
import { productExport, productRow } from '../../src/sources/workbook/testing/workbook.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { cells, type List, viewAnalytics } from '../support/analytics-page.ts';
import { chromiumPath } from '../support/browser.ts';

/** A figure of any kind without the zeros behind its point. */
function plain(figure: unknown): string {
  return figure === null
    ? 'was not there'
    : String(figure)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
}

describe.skipIf(chromiumPath === undefined)('what can be done on the analytics page', () => {
  const view = viewAnalytics({ orders: 500, days: 10, streams: ['shop', 'products'], recent: [] });

  it('finds brands by rules, and shows first what they would change', async () => {
    const titles = await view.rig.sql<{ title: string }[]>`
      select title from products where shop_id = 'shop-1' and brand is null order by product_id`;
    const [word = ''] = titles[0]?.title.split(' ') ?? [];
    const fitting = titles.filter(({ title }) => title.split(' ').includes(word)).length;
    expect(fitting).toBeGreaterThan(0);
    await view.open('shop=shop-1&view=brands');
    const rules = view.region('Find brands in product names');
    await rules.getByText('No rules: only TikTok names brands.').waitFor();
    await rules.getByRole('button', { name: 'Add a rule' }).click();
    await rules.getByLabel('Brands, one a line').fill(`${word}\n${word}`);
    const preview = rules.getByRole('button', { name: 'See what would change' });
    view.watched.expectRefusals(400);
    await preview.click();
    await rules.getByRole('alert').waitFor();
    await rules.getByLabel('Brands, one a line').fill(word);
    await preview.click();
    await rules.getByText(`${fitting} would change.`).waitFor();
    expect(await view.rig.api.get('/api/v1/shops/shop-1/brand_rules')).toEqual({ rules: [] });
    await view.keepPicture('analytics-brands', rules);
    await rules.getByRole('button', { name: 'Save the rules' }).click();
    await rules.getByText(`Saved: ${fitting} products`).waitFor();
    expect(await view.rig.api.get('/api/v1/shops/shop-1/brand_rules')).toEqual({
      rules: [{ kind: 'list', brands: [word] }],
    });
    await view.page.reload();
    await view.region('Brands').getByRole('rowheader', { name: word, exact: true }).waitFor();
    await rules.getByRole('button', { name: 'Remove' }).click();
    await preview.click();
    await rules.getByRole('button', { name: 'Save the rules' }).click();
    await rules.getByText(`Saved: ${fitting} products`).waitFor();
  });

  it('reads days that are asked for, says which failed, and reads only these again', async () => {
    await view.rig.control('POST', '/faults', {
      ...{ kind: 'code', route: 'analytics_products', times: 2 },
      ...{ code: 36009004, http_status: 400, message: 'Invalid parameter start_date_ge' },
    });
    await view.open(`shop=shop-1&view=reading&${view.customDays(3)}`);
    const form = view.region('Read days');
    for (const box of await form.getByRole('checkbox').all()) {
      if ((await box.getAttribute('value')) !== 'products') await box.uncheck();
    }
    await form.getByRole('button', { name: 'Read these days' }).click();
    const readings = view.region('What was read');
    await readings.getByText('2 could not be read.').waitFor({ timeout: 60_000 });
    await view.keepPicture('analytics-failed');
    await readings.getByRole('button', { name: 'Read the failed days again' }).click();
    await readings.getByText('2 could not be read.').waitFor({ state: 'detached', timeout: 60_000 });
    await readings.locator('.badge.completed').first().waitFor({ timeout: 60_000 });
    expect(await cells(readings.locator('table'))).toEqual([['Products', '3']]);
  });

  it('shows what TikTok corrected, with what it had said before', async () => {
    const [shop] = await view.rig.sql<{ id: string }[]>`
      select tiktok_shop_id as id from shops where shop_id = 'shop-1'`;
    const days = { start_date: view.last, end_date: view.last };
    await view.rig.control('POST', `/shops/${shop?.id}/analytics/restatements`, {
      ...{ date: view.last, kind: 'withdraw', count: 2 },
    });
    const { run_id: runId } = await view.rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
      ...{ ...days, streams: ['shop'] },
    });
    expect(await view.rig.finished(runId)).toMatchObject({ status: 'completed' });
    const { data, total } = await view.rig.api.get<List>(
      `/api/v1/shops/shop-1/analytics/restatements?${new URLSearchParams(days)}&limit=50&with_total=true`,
    );
    expect(data.map(({ stream, field }) => `${stream} ${field}`)).toContain('shop gmv');
    await view.open(`shop=shop-1&view=restatements&${view.customDays(1)}`);
    const corrections = view.region('What TikTok corrected');
    await corrections.getByText(`${total} corrections, the last one first`).waitFor();
    const shown = await cells(corrections.locator('table'));
    expect(
      shown.map(([, , , before, now]) => [before, now].map((text) => text?.replaceAll(',', ''))),
    ).toEqual(data.map((row) => [plain(row.old), plain(row.new)]));
  });

  it('stops an export on request, and keeps nothing of it', async () => {
    await view.open(`shop=shop-1&view=products&${view.customDays(3)}`);
    const list = view.region('Products');
    const worker = view.rig.pidOf('worker');
    process.kill(worker, 'SIGSTOP');
    try {
      await list.getByRole('button', { name: 'as CSV' }).click();
      // A worker that goes on sooner would have written the file by then.
      const asked = view.page.waitForResponse((response) => response.url().endsWith('/cancel'));
      await list.getByRole('button', { name: 'Cancel the file' }).click();
      await list.getByRole('button', { name: 'Stopping…' }).waitFor();
      expect((await asked).status()).toBe(200);
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await list.getByText('Cancelled: no file was kept.').waitFor({ timeout: 60_000 });
    expect(await view.rig.api.get('/api/v1/exports?limit=1')).toMatchObject({
      data: [{ status: 'cancelled', error: null, file: null }],
    });
  });

  it('imports a workbook of the seller center, and says what is wrong with another file', async () => {
    await view.open('shop=shop-1&view=reading');
    const form = view.region('Import a workbook');
    const file = form.getByLabel('Workbook (.xlsx)');
    view.watched.expectRefusals(400);
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
    const { data } = await view.rig.api.get<List>(
      '/api/v1/shops/shop-1/analytics/products?start_date=2025-03-22&end_date=2025-03-22',
    );
    expect(data.map((row) => [row.product_id, row.gmv])).toEqual([
      ['1729384756473829123', '1962.29'],
      ['9007199254740993', '0.10'],
    ]);
  });

  it('keeps the seller center off until its owner hands over a session, and forgets it again', async () => {
    await view.open('shop=shop-1&view=reading');
    const settings = view.region('Seller center');
    await settings.getByText('off', { exact: true }).waitFor();
    await settings.getByText('Turn on with your own session').click();
    const cookie = 'sessionid_tiktokseller=0123456789abcdef; s_v_web_id=verify_x_1';
    await settings.getByLabel(/^Cookie/).fill(cookie);
    await settings.getByText('If the cookie alone does not do').click();
    await settings.getByLabel('Seller id').fill('7495000000000000001');
    await settings.getByLabel('User agent').fill('Mozilla/5.0 (Harbour)');
    await settings.getByLabel('Path of the product list').fill('/api/v3/insights/seller/product/list');
    await settings.getByLabel('Signer').fill('builtin');
    await settings.getByLabel('Version of the built-in signature').selectOption('seller-5.1.0');
    await settings.getByLabel('ubcode').fill('7');
    const give = settings.getByRole('button', { name: 'Hand over the session' });
    // Without the consent the browser sends nothing.
    await give.click();
    expect(await view.rig.api.get('/api/v1/shops/shop-1/seller_center')).toMatchObject({ status: 'off' });
    await settings.getByRole('checkbox').check();
    await view.keepPicture('analytics-seller-center', settings);
    await give.click();
    await settings.getByText('connected', { exact: true }).waitFor();
    expect(await view.page.content()).not.toContain('0123456789abcdef');
    expect(await view.rig.api.get('/api/v1/shops/shop-1/seller_center')).toMatchObject({
      ...{ status: 'active', seller_id: '7495000000000000001', dialect: 'v3', signer: 'builtin' },
      ...{ user_agent: 'Mozilla/5.0 (Harbour)', profile: 'seller-5.1.0', signer_settings: { ubcode: 7 } },
    });
    await settings.getByRole('button', { name: 'Forget the session' }).click();
    await settings.getByText('off', { exact: true }).waitFor();
  });

  it('says what is not permitted, not read, and not answered', async () => {
    await view.open('shop=shop-2');
    await view.page.getByText('TikTok does not show figures of the shop to your app.').waitFor();
    await view.page.getByText('data.shop_analytics.public.read').first().waitFor();
    await view.keepPicture('analytics-not-permitted');
    await view.page.getByLabel('Shop', { exact: true }).selectOption({ index: 0 });
    await view.region('Trend, by TikTok’s figures').locator('figure').waitFor();
    await view.page.goto(`${view.rig.apiUrl}/analytics?shop=shop-2&view=affiliates`);
    await view.page.getByText('TikTok does not show figures of affiliate orders to your app.').waitFor();
    await view.page.getByText('seller.affiliate_collaboration.read').waitFor();
    expect(await view.page.getByText('the workbook that you download').count()).toBe(0);
    await view.page.goto(
      `${view.rig.apiUrl}/analytics?shop=shop-1&view=videos&range=custom&from=2020-01-01&to=2020-01-31`,
    );
    await view.page
      .getByText('No figures of videos from Jan 1, 2020 to Jan 31, 2020 have been read yet.')
      .waitFor();
    await view.page.getByRole('link', { name: 'Read these days' }).click();
    expect(await view.region('Read days').getByLabel('First day').inputValue()).toBe('2020-01-01');

    for (const [status, text] of [
      [500, 'This could not be read just now.'],
      [403, 'You may not see this with your key.'],
    ] as const) {
      view.watched.expectRefusals(status);
      const brands = '**/api/v1/shops/shop-1/analytics/brands*';
      await view.page.route(brands, (route) => route.fulfill({ status, json: { detail: 'Refused.' } }));
      await view.page.goto(`${view.rig.apiUrl}/analytics?shop=shop-1&view=brands`);
      await view.page.getByRole('alert').getByText(text).waitFor();
      await view.page.unroute(brands);
      await view.page.getByRole('button', { name: 'Try again' }).click();
      await view.region('Brands').getByRole('table').waitFor();
    }
  });

  it('is readable in the dark, on a small screen, and to a machine', async () => {
    await view.page.emulateMedia({ colorScheme: 'dark' });
    await view.open('shop=shop-1');
    await view.region('Trend, by TikTok’s figures').locator('figure').waitFor();
    await view.keepPicture('analytics-dark');
    await view.page.setViewportSize({ width: 360, height: 740 });
    await view.keepPicture('analytics-small');
    await view.expectReadable();
    for (const name of ['products', 'insights', 'orders', 'reading', 'brands']) {
      await view.page.goto(`${view.rig.apiUrl}/analytics?shop=shop-1&view=${name}`);
      await view.page.locator('section.card').first().waitFor();
      await view.page.locator('table').first().waitFor();
      await view.expectReadable();
      await view.keepPicture(`analytics-small-${name}`);
    }
  });
});
