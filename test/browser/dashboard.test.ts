import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import type { Browser, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { addShop, environmentKey, startTestApi, type TestApi } from '../support/api.ts';
import {
  chromiumPath,
  expectReadable,
  keepPicture,
  launchBrowser,
  openPage,
  type WatchedPage,
} from '../support/browser.ts';
import { exampleRun } from '../support/fake-world.ts';

describe.skipIf(chromiumPath === undefined)('the dashboard', () => {
  let api: TestApi;
  let server: ServerType;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let origin: string;
  let built: string;

  beforeAll(async () => {
    built = mkdtempSync(join(tmpdir(), 'tideline-web-'));
    await build({
      configFile: 'web/vite.config.ts',
      logLevel: 'error',
      build: { outDir: built, emptyOutDir: true },
    });
    api = await startTestApi();
    const settings = {
      ...api.dependencies.settings,
      publicUrl: 'http://127.0.0.1',
      dashboardDirectory: built,
    };
    const app = createApp({ ...api.dependencies, settings });
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    if (server && 'closeAllConnections' in server) server.closeAllConnections();
    server?.close();
    rmSync(built, { recursive: true, force: true });
  });

  beforeEach(async () => {
    watched = await openPage(browser);
    page = watched.page;
  });
  afterEach(() => watched.close());

  const picture = (name: string, part?: Locator): Promise<void> => keepPicture(page, name, part);

  async function signIn(): Promise<void> {
    await page.goto(origin);
    await page.getByLabel('API key').fill(environmentKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Shops' }).waitFor();
  }

  it('asks for a key, says when it is wrong, and shows the way to the first shop', async () => {
    await page.goto(origin);
    await page.getByLabel('API key').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('not known');
    await picture('sign-in');
    await page.getByLabel('API key').fill(environmentKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No shop yet' }).waitFor();
    const connect = page.getByRole('link', { name: 'Connect a shop' });
    expect(await connect.getAttribute('href')).toBe(`${origin}/connect/tiktok-shop`);
    await picture('empty');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
  });

  it('follows a run live, and steers it', async () => {
    const shop = await addShop(api.sql, { name: 'Harbour Tea' });
    await addShop(api.sql, {
      name: '<img src=x onerror=alert(1)> & "Söhne" 🍵',
      status: 'parked',
      region: 'GB',
    });
    const past = exampleRun(shop, {
      run_id: 'run_0',
      mode: 'incremental',
      status: 'completed_with_differences',
      finished_at: '2026-03-01T08:00:42.000Z',
      temporal_ui_url: 'http://127.0.0.1:8233/',
    });
    const run = exampleRun(shop, { run_id: 'run_1' });
    api.world.runs.set(past.run_id, past);
    api.world.runs.set(run.run_id, run);
    await signIn();
    const card = page.getByRole('article', { name: 'Harbour Tea' });
    const bar = card.getByRole('progressbar');
    await expect.poll(() => bar.getAttribute('value')).toBe('24');
    expect(await card.textContent()).toContain('311 a second · 12 s left');
    await picture('running');
    await picture('shop', card);

    const further = { orders_done: 4000, orders_expected: 5000, percent: 80, rate_per_s: 300, eta_s: 3 };
    api.world.runs.set(run.run_id, { ...run, progress: further });
    await expect.poll(() => bar.getAttribute('value'), { timeout: 4000 }).toBe('80');

    await card.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => api.world.controlled.at(-1)).toBe('pause run_1');
    api.world.runs.set(run.run_id, { ...run, status: 'paused', progress: further });
    await card.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 10_000 });
    await picture('paused');
    await card.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => api.world.controlled.at(-1)).toBe('cancel run_1');

    const finished_at = '2026-03-01T08:01:00.000Z';
    api.world.runs.set(run.run_id, { ...run, status: 'completed', finished_at });
    await bar.waitFor({ state: 'detached', timeout: 10_000 });
    await card.getByRole('button', { name: 'Sync now' }).click();
    await expect.poll(() => api.world.started.at(-1)).toMatchObject({ shopId: shop, mode: 'incremental' });
    await card.getByRole('button', { name: 'Read whole history' }).click();
    await expect.poll(() => api.world.started.at(-1)).toMatchObject({ shopId: shop, mode: 'full' });
    expect(await page.getByRole('article', { name: /onerror/ }).textContent()).toContain('Connect it again');
  });

  it('shows where conversions go and what became of them, pauses and resumes', async () => {
    const deliveries = page.getByRole('region', { name: 'Conversions' });
    await signIn();
    await deliveries.getByText('No destination yet').waitFor();
    await deliveries.getByText('no event was accepted').waitFor();
    const request = (method: string, path: string, body: object) =>
      api.send(method, path, body).then((response) => expect(response.ok).toBe(true));
    await request('POST', '/api/v1/destinations', { kind: 'tiktok', id: 'shop-pixel', name: 'Shop pixel' });
    const event = { event_name: 'PURCHASE', event_time: Math.floor(Date.now() / 1_000), user: {} };
    await request('POST', '/api/v1/conversions', { ...event, event_id: 'order-1' });
    const pixel = deliveries.getByRole('region', { name: 'Shop pixel' });
    await pixel.getByText('sending').waitFor({ timeout: 10_000 });
    await deliveries.getByRole('cell', { name: 'order-1' }).waitFor({ timeout: 10_000 });
    await pixel.getByRole('button', { name: 'Pause' }).click();
    await pixel.getByText('waits and is not lost').waitFor();
    await deliveries.getByRole('button', { name: 'Waiting' }).click();
    await deliveries.getByRole('row', { name: /order-1 .*paused/ }).waitFor();
    await picture('conversions', deliveries);
    await deliveries.getByRole('button', { name: 'Failed' }).click();
    await deliveries.getByText('None of these.').waitFor();
    await pixel.getByRole('button', { name: 'Resume' }).click();
    await pixel.getByRole('button', { name: 'Pause' }).waitFor();
    watched.expectRefusals(503);
    await page.route('**/api/v1/deliveries*', (route) =>
      route.fulfill({ status: 503, json: { detail: 'The database is away.' } }),
    );
    await deliveries.getByRole('button', { name: 'Skipped' }).click();
    await deliveries.getByRole('alert').waitFor();
    expect(await deliveries.getByRole('alert').textContent()).toBe('The database is away.');
  });

  it('is readable in the dark, on a small screen, and to a machine', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await signIn();
    await page.getByRole('article', { name: 'Harbour Tea' }).waitFor();
    await picture('dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await picture('small');
    await expectReadable(page);
  });

  it('says why a consent was refused', async () => {
    await page.goto(`${origin}/connect/refused?reason=The%20seller%20did%20not%20agree.`);
    await page.getByText('The seller did not agree.').waitFor();
    expect(await page.getByRole('link', { name: 'Try again' }).getAttribute('href')).toBe(
      `${origin}/connect/tiktok-shop`,
    );
    await picture('refused');
  });

  it('shows the API on a page of its own, from this machine alone', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await signIn();
    await page.getByRole('link', { name: 'API', exact: true }).click();
    // A page of its own with more than a hundred operations takes its time on a busy machine.
    await page.getByText('/api/v1/shops/{shop}/orders/stats').first().waitFor({ timeout: 90_000 });
    await picture('docs');
    await picture('api', page.locator('#operations-tag-Orders').locator('..'));
    expect([...hosts].filter((host) => host !== '' && host !== new URL(origin).host)).toEqual([]);
  });
});
