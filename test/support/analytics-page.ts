import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { expectReadable, keepPicture, launchBrowser, openPage, type WatchedPage } from './browser.ts';
import { setToNoon } from './noon.ts';
import { type SyncRig, startSyncRig } from './sync-rig.ts';

export type Row = Record<string, string | number | null>;
export interface List {
  data: Row[];
  next_cursor: string | null;
  total: number;
}

/** Dollars as people of the United States write them, made from the exact text by no number format. */
export function dollars(amount: unknown): string {
  const [units = '', cents = ''] = String(amount).replace('-', '').split('.');
  return `${String(amount).startsWith('-') ? '-' : ''}$${whole(units)}.${cents.padEnd(2, '0')}`;
}

export function whole(number: unknown): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The texts of a table's cells, row by row. */
export async function cells(table: Locator): Promise<string[][]> {
  const rows = await table.locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
}

interface Content {
  /** Of each of the two shops. */
  orders: number;
  /** How many days of `streams` are read of the first shop. */
  days: number;
  streams: string[];
  /** Streams of which ten days are read. */
  recent: string[];
}

/** The analytics page of a whole installation, and what tests ask of it. */
export interface AnalyticsView {
  readonly rig: SyncRig;
  readonly page: Page;
  readonly watched: WatchedPage;
  /** The last day that TikTok tells figures of. */
  readonly last: string;
  /** Opens the page and signs in. */
  open(query: string): Promise<void>;
  region(name: string): Locator;
  /** The figures of a region's chart, from its table. */
  charted(region: string): Promise<(string | undefined)[]>;
  /** What the form of days to read begins with. */
  chosenStreams(): Promise<(string | null)[]>;
  inLastDays(days: number): string;
  /** The same range in the address of the page. */
  customDays(days: number): string;
  keepPicture(name: string, part?: Locator | 'screen'): Promise<void>;
  expectReadable(): Promise<void>;
}

/**
 * Starts an installation with two shops for the tests of a file, and a fresh page for each of them. The app may not
 * see analytics of the second shop, nor its affiliate orders.
 */
export function viewAnalytics(content: Content): AnalyticsView {
  let rig: SyncRig;
  let browser: Browser;
  let watched: WatchedPage;
  let last: string;

  beforeAll(async () => {
    rig = await startSyncRig(
      [
        ...['--orders-count', String(content.orders), '--history-days', '70', '--products', '60'],
        ...['--seed', '8', '--shops', '2', '--sellers', '2'],
      ],
      {},
    );
    await rig.connectSeller(0);
    await rig.connectSeller(1);
    last = await fill(rig, content);
    browser = await launchBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  });
  beforeEach(async () => {
    watched = await openPage(browser);
    const picture =
      '<svg xmlns="http://www.w3.org/2000/svg"><rect width="44" height="44" fill="#8cc"/></svg>';
    await watched.page.route('https://images.invalid/**', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: picture }),
    );
  });
  afterEach(() => watched.close());

  return {
    get rig() {
      return rig;
    },
    get page() {
      return watched.page;
    },
    get watched() {
      return watched;
    },
    get last() {
      return last;
    },
    async open(query) {
      const { page } = watched;
      await page.goto(`${rig.apiUrl}/analytics?${query}`);
      await page.getByLabel('API key').fill(rig.apiKey);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Analytics' }).waitFor();
    },
    region: (name) => watched.page.getByRole('region', { name }),
    async charted(region) {
      const chart = watched.page.getByRole('region', { name: region }).locator('figure');
      await chart.waitFor();
      if ((await chart.locator('details[open]').count()) === 0) await chart.getByText('As a table').click();
      return (await cells(chart.locator('table'))).map(([, figure]) => figure);
    },
    chosenStreams: () =>
      watched.page
        .getByRole('region', { name: 'Read days' })
        .getByRole('checkbox', { checked: true })
        .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('value'))),
    inLastDays: (days) => `start_date=${addDays(last, 1 - days)}&end_date=${last}`,
    customDays: (days) => `range=custom&from=${addDays(last, 1 - days)}&to=${last}`,
    keepPicture: (name, part) => keepPicture(watched.page, name, part),
    expectReadable: () => expectReadable(watched.page),
  };
}

/** Reads what tests look at; answers the last day that TikTok tells figures of. */
async function fill(rig: SyncRig, { days, streams, recent }: Content): Promise<string> {
  const { lastReady: last } = await setToNoon(rig, 'shop-1');
  const { tiktokShopId: second } = await setToNoon(rig, 'shop-2');
  await rig.control('POST', `/shops/${second}/analytics`, {
    withheld_scopes: ['data.shop_analytics.public.read', 'seller.affiliate_collaboration.read'],
  });
  const sync = (stream: string) =>
    rig.api.post<StartedRun>('/api/v1/shops/shop-1/syncs', { stream, mode: 'full' });
  const backfill = (shop: string, names: string[], count: number) =>
    rig.api.post<StartedRun>(`/api/v1/shops/${shop}/backfills`, {
      ...{ streams: names, start_date: addDays(last, 1 - count), end_date: last },
    });
  const runs = [
    await sync('orders'),
    await sync('products'),
    await backfill('shop-1', streams, days),
    ...(recent.length === 0 ? [] : [await backfill('shop-1', recent, 10)]),
  ];
  for (const { run_id: runId } of runs) {
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
  }
  const { run_id: refused } = await backfill('shop-2', ['shop', 'products', 'affiliates'], 2);
  expect(await rig.finished(refused)).toMatchObject({ error: { code: 'permission-missing' } });
  return last;
}
