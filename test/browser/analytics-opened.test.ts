import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { cells, dollars, type List, type Row, viewAnalytics, whole } from '../support/analytics-page.ts';
import { chromiumPath } from '../support/browser.ts';

const figureAt = /^-?\$[\d,.]+\.\d\d/;

describe.skipIf(chromiumPath === undefined)(
  'hours, customers, the market, and what is open behind a row',
  () => {
    const days = 7;
    const view = viewAnalytics({
      orders: 700,
      days,
      streams: [
        ...['shop', 'hourly', 'products', 'skus', 'videos', 'lives', 'live_products'],
        ...['video_products', 'product_details', 'sku_details', 'video_details'],
      ],
      recent: [],
    });
    const path = '/api/v1/shops/shop-1/analytics';
    const read = (list: string) =>
      view.rig.api.get<List & { newest: Record<string, Row[]> | null }>(`${path}/${list}`);
    const firstOf = async (list: string): Promise<Row> => {
      const { data } = await read(`${list}?${view.inLastDays(days)}&sort=gmv&limit=1`);
      if (data[0] === undefined) throw new Error(`Nothing in ${list}.`);
      return data[0];
    };
    /** A product that contents and creators sold on the newest day that is known of it. */
    const soldByCreators = async (): Promise<Row> => {
      const { data } = await read(`products?${view.inLastDays(days)}&sort=gmv&limit=100`);
      for (const product of data) {
        const { newest } = await read(`products/${product.product_id}?${view.inLastDays(days)}`);
        if (newest?.top_contents?.length && newest.top_creators?.length) return product;
      }
      throw new Error('No product was sold by a creator on its newest day.');
    };
    /** The rows of a list at every day of the range, a dash where there is none. */
    const byDay = (rows: readonly Row[], show: (row: Row) => string): string[] =>
      Array.from({ length: days }, (_, nth) => {
        const row = rows.find(({ date }) => date === addDays(view.last, nth + 1 - days));
        return row === undefined ? '–' : show(row);
      });

    it('shows the hours of a day, and of all days of a month together', async () => {
      await view.open(`shop=shop-1&view=hours&${view.customDays(days)}`);
      const hours = async (query: string) => {
        const { data } = await read(`hourly?${query}&limit=500`);
        expect(data.length).toBeGreaterThan(0);
        return Array.from({ length: 24 }, (_, hour) => {
          const row = data.find((one) => one.hour === hour);
          return row === undefined ? '–' : dollars(row.gmv);
        });
      };
      const ofDay = (day: string) => hours(`start_date=${day}&end_date=${day}`);
      const lastDay = await ofDay(view.last);
      await expect.poll(() => view.charted('Hours')).toEqual(lastDay);
      await view.keepPicture('analytics-hours', 'screen');
      const dayBefore = addDays(view.last, -1);
      await view.page.getByLabel('Day', { exact: true }).selectOption(dayBefore);
      const ofDayBefore = await ofDay(dayBefore);
      await expect.poll(() => view.charted('Hours')).toEqual(ofDayBefore);

      await view.page.getByLabel('Group by').selectOption('Months');
      const months = view.page.getByLabel('Month', { exact: true });
      const month = `${view.last.slice(0, 8)}01`;
      await months.selectOption(month);
      const first = addDays(view.last, 1 - days);
      const ofMonth = await hours(
        `start_date=${first > month ? first : month}&end_date=${view.last}&granularity=month`,
      );
      await expect.poll(() => view.charted('Hours')).toEqual(ofMonth);
    });

    it('shows new and returning customers by period', async () => {
      await view.open(`shop=shop-1&view=customers&${view.customDays(60)}`);
      for (const [step, granularity] of [
        ['Days', 'day'],
        ['Weeks', 'week'],
      ] as const) {
        await view.page.getByLabel('Group by').selectOption(step);
        const { data } = await read(`customers?${view.inLastDays(60)}&granularity=${granularity}&limit=500`);
        expect(data.some((row) => Number(row.returning_customers) > 0)).toBe(true);
        await expect
          .poll(async () =>
            (await cells(view.region('Customers').locator('.scroll > table').last())).map(
              ([, ...row]) => row,
            ),
          )
          .toEqual(
            data.map((row) => [
              ...[row.new_customers, row.returning_customers, row.customers, row.orders_count].map(whole),
              ...[row.gmv, row.new_gmv, row.returning_gmv].map(dollars),
            ]),
          );
        expect(await view.charted('Customers')).toEqual(data.map((row) => whole(row.new_customers)));
      }
      await view.keepPicture('analytics-customers', 'screen');
      await view.page.goto(
        `${view.rig.apiUrl}/analytics?shop=shop-1&view=customers&range=custom&from=2020-01-01&to=2020-01-31`,
      );
      await view.page.getByText('No order was paid in these days.').waitFor();
    });

    it('shows the market where the app may see it, and says so where it may not', async () => {
      await view.open('shop=shop-1&view=market');
      const market = view.region('Bestsellers of the market');
      await market.getByText('This ranking has not been read yet.').waitFor();
      await market.getByRole('link', { name: 'Read rankings' }).click();
      expect(await view.chosenStreams()).toEqual(['bestsellers']);

      const backfill = async () => {
        const { run_id: runId } = await view.rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
          ...{ streams: ['bestsellers'], start_date: addDays(view.last, -1), end_date: view.last },
        });
        return view.rig.finished(runId);
      };
      expect(await backfill()).toMatchObject({ status: 'failed' });
      await view.page.goto(`${view.rig.apiUrl}/analytics?shop=shop-1&view=market`);
      await market.getByText('TikTok does not show rankings of the market to your app.').waitFor();

      const { grants } = await view.rig.control<{ grants: { scopes: string[] }[] }>('GET', '/grants');
      const scopes = [...(grants[0]?.scopes ?? []), 'data.bestselling.public.read'];
      await view.rig.control('POST', '/grants/0/scopes', { scopes });
      expect(await backfill()).toMatchObject({ status: 'completed' });
      await view.page.reload();
      const check = async (query: string) => {
        const { data } = await read(`bestsellers?${query}`);
        await expect
          .poll(() => cells(market.locator('table')))
          .toEqual(data.map((row) => [whole(row.rank), `${row.title}${row.id}`, row.gmv_range]));
      };
      await check('ranking=products&time_slot=1D');
      await market.getByLabel('Ranking', { exact: true }).selectOption('Creators');
      await market.getByLabel('Over', { exact: true }).selectOption('Thirty days');
      await market.getByLabel(/^Ending with/).fill(addDays(view.last, -1));
      await market.getByRole('button', { name: 'Show' }).click();
      await check(`ranking=creators&time_slot=30D&date=${addDays(view.last, -1)}`);
      await view.keepPicture('analytics-market', 'screen');
    });

    it('opens a product: its course, its channels, who and what sold it, and its variants', async () => {
      const product = await soldByCreators();
      await view.open(`shop=shop-1&view=products&search=${product.product_id}&${view.customDays(days)}`);
      await view
        .region('Products')
        .getByRole('link', { name: `${product.title}` })
        .click();
      await view.page.getByRole('heading', { name: `${product.title}` }).waitFor();
      const listed = await read(
        `products?${view.inLastDays(days)}&granularity=day&search=${product.product_id}&sort=date`,
      );
      expect(await view.charted('Trend')).toEqual(byDay(listed.data, ({ gmv }) => dollars(gmv)));

      const details = await read(`products/${product.product_id}?${view.inLastDays(days)}`);
      expect(await view.charted('By channel')).toEqual(byDay(details.data, (row) => dollars(row.live_gmv)));
      const channels = view.region('By channel');
      await channels.getByLabel('Figure').selectOption('GMV from product cards');
      await expect
        .poll(() => view.charted('By channel'))
        .toEqual(byDay(details.data, (row) => dollars(row.product_card_gmv)));
      const { ratings = [], top_contents: contents = [], top_creators: creators = [] } = details.newest ?? {};
      expect(ratings.length).toBeGreaterThan(0);
      const table = (title: string) => channels.locator('table', { hasText: title });
      expect((await cells(table('Ratings, as of'))).map(([stars, number]) => [stars, number])).toEqual(
        ratings.map(({ stars, count }) => [String(stars)[0], whole(count)]),
      );
      expect((await cells(table('What sold most of it'))).map(([, ...row]) => row)).toEqual(
        contents.map((one) => [one.content_id, dollars(one.gmv), whole(one.items_sold)]),
      );
      expect(await cells(table('Who sold most of it'))).toEqual(
        creators.map((one) => [`@${one.creator}`, dollars(one.gmv), whole(one.items_sold)]),
      );
      await view.keepPicture('analytics-product');

      await view.page.getByRole('link', { name: 'Variants of this product' }).click();
      const variants = await read(
        `skus?${view.inLastDays(days)}&search=${product.product_id}&with_total=true`,
      );
      await view.region('Variants').getByText(`Variants: ${variants.total}`).waitFor();
      const [variant] = variants.data;
      await view.region('Variants').getByRole('rowheader').first().getByRole('link').click();
      await view.page
        .getByRole('heading', { name: [variant?.title, variant?.sku_name].filter(Boolean).join(', ') })
        .waitFor();
      const sku = await read(`skus/${variant?.sku_id}?${view.inLastDays(days)}`);
      expect(await view.charted('By channel')).toEqual(byDay(sku.data, (row) => dollars(row.live_gmv)));
      await view.page.getByRole('link', { name: 'All variants' }).click();
      await view.region('Variants').getByRole('table').waitFor();
    });

    it('opens a video: its course, who watched it and the products it sold, which lead to theirs', async () => {
      const video = await firstOf('videos');
      await view.open(`shop=shop-1&view=videos&search=${video.video_id}&${view.customDays(days)}`);
      await view.region('Videos').getByRole('rowheader').getByRole('link').click();
      const details = await read(`videos/${video.video_id}?${view.inLastDays(days)}`);
      expect(await view.charted('In detail')).toEqual(byDay(details.data, (row) => whole(row.views)));
      const profile = details.newest?.viewer_profile ?? [];
      expect(profile.length).toBeGreaterThan(0);
      expect(
        await cells(view.region('In detail').locator('table', { hasText: 'Who watched, as of' })),
      ).toHaveLength(profile.length);
      const sold = await read(`videos/${video.video_id}/products?${view.inLastDays(days)}`);
      expect(sold.data.length).toBeGreaterThan(0);
      const products = view.region('Products of this video');
      expect(
        (await cells(products.locator('table'))).map(([, gmv = '', items]) => [
          figureAt.exec(gmv)?.[0],
          items,
        ]),
      ).toEqual(sold.data.map((row) => [dollars(row.gmv), whole(row.items_sold)]));
      await view.keepPicture('analytics-video');
      await products.getByRole('rowheader').first().getByRole('link').click();
      await view.page.getByRole('heading', { name: `${sold.data[0]?.title}` }).waitFor();
    });

    it('opens a LIVE session with the products that it sold', async () => {
      const { data: lives } = await read(`lives?${view.inLastDays(days)}&sort=gmv`);
      const live = lives[0];
      const sold = await read(`lives/${live?.live_id}/products`);
      expect(sold.data.length).toBeGreaterThan(0);
      await view.open(`shop=shop-1&view=lives&live=${live?.live_id}&${view.customDays(days)}`);
      const products = view.region('Products of this session');
      await products.locator('table').waitFor();
      const shown = await cells(products.locator('table'));
      expect(shown.map(([, gmv, items]) => [gmv, items])).toEqual(
        sold.data.map((row) => [dollars(row.gmv), whole(row.items_sold)]),
      );
      await view.page.getByRole('link', { name: 'All LIVE sessions' }).click();
      await view.region('LIVE sessions').getByRole('table').waitFor();
    });

    it('says what was not read, not permitted, not found and not answered', async () => {
      await view.open('shop=shop-1&view=products&product=1&range=custom&from=2020-01-01&to=2020-01-31');
      await view.region('By channel').getByText('They are read only when you ask for them').waitFor();
      await view.region('By channel').getByRole('link', { name: 'Read these days' }).click();
      expect(await view.chosenStreams()).toEqual(['product_details']);
      const goto = (query: string) => view.page.goto(`${view.rig.apiUrl}/analytics?${query}`);
      await goto(`shop=shop-1&view=products&product=1&${view.customDays(days)}`);
      await view
        .region('By channel')
        .getByText('TikTok told no details of this product in these days.')
        .waitFor();
      await goto('shop=shop-2&view=products&product=1');
      await view
        .region('Trend')
        .getByText('TikTok does not show figures of this product to your app.')
        .waitFor();
      await goto(`shop=shop-1&view=lives&live=nobody`);
      await view.page.getByText('TikTok has told no products of this session.').waitFor();
      await goto(`shop=shop-1&view=hours&range=custom&from=2020-01-01&to=2020-01-31`);
      await view.page.getByText('No figures of the shop by hour from').waitFor();

      for (const [name, part] of [
        ['hourly', 'view=hours'],
        ['customers', 'view=customers'],
        ['bestsellers', 'view=market'],
        ['products/1', 'view=products&product=1'],
      ]) {
        for (const [status, text] of [
          [500, 'This could not be read just now.'],
          [403, 'You may not see this with your key.'],
        ] as const) {
          view.watched.expectRefusals(status);
          const list = `**/api/v1/shops/shop-1/analytics/${name}?*`;
          await view.page.route(list, (route) => route.fulfill({ status, json: { detail: 'Refused.' } }));
          await goto(`shop=shop-1&${part}&${view.customDays(days)}`);
          await view.page.getByRole('alert').getByText(text).waitFor();
          await view.page.unroute(list);
          await view.page.getByRole('button', { name: 'Try again' }).click();
          await view.page.getByRole('alert').waitFor({ state: 'detached' });
        }
      }
    });

    it('is readable on a small screen', async () => {
      const [product, video, live] = [
        await firstOf('products'),
        await firstOf('videos'),
        await firstOf('lives'),
      ];
      await view.open('shop=shop-1');
      await view.page.setViewportSize({ width: 360, height: 740 });
      for (const part of [
        ...['view=hours', 'view=customers', 'view=market', `view=products&product=${product.product_id}`],
        ...[`view=videos&video=${video.video_id}`, `view=lives&live=${live.live_id}`],
      ]) {
        await view.page.goto(`${view.rig.apiUrl}/analytics?shop=shop-1&${part}&${view.customDays(days)}`);
        await view.page.locator('.card').first().waitFor();
        await view.page.getByText('Reading…').first().waitFor({ state: 'hidden' });
        await view.expectReadable();
      }
    });
  },
);
