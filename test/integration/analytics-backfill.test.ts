import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compareProducts, type ProductComparison } from '../../simulator/index.ts';
import type { BackfillDay, Run, StartedRun, StreamStatus } from '../../src/sync/types.ts';
import { setToNoon } from '../support/noon.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

/** One shop; the tests are of one story, each goes on from the one before. */
let rig: SyncRig;
let tiktokShopId: string;
/** The last days that TikTok calls ready, the oldest first. */
let days: string[];

type RunWithDays = Run & { days: BackfillDay[] };

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', '1500', '--products', '120', '--seed', '5'], {});
  await rig.connectSeller(0);
  ({ tiktokShopId } = await setToNoon(rig, 'shop-1'));
});

afterAll(async () => {
  await rig.stop();
});

afterEach(async () => {
  await rig.control('DELETE', '/faults');
  await rig.control('POST', '/settings', { latency: 0 });
});

const sync = (stream: string, mode: string): Promise<StartedRun> =>
  rig.api.post<StartedRun>('/api/v1/shops/shop-1/syncs', { stream, mode });

const backfill = (streams: string[], first: string | undefined, last: string | undefined) =>
  rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    streams,
    start_date: first,
    end_date: last,
  });

async function finished({ run_id: runId }: { run_id: string }): Promise<RunWithDays> {
  return (await rig.finished(runId)) as RunWithDays;
}

/** How many days of a run are in each state. */
function tally(run: RunWithDays): Record<string, number> {
  const states: Record<string, number> = {};
  for (const { status } of run.days) states[status] = (states[status] ?? 0) + 1;
  return states;
}

/** Calls of a route that the simulator has seen. */
async function calls(route: string): Promise<{ params: Record<string, string> }[]> {
  const { entries } = await rig.control<{ entries: { params: Record<string, string> }[] }>(
    'GET',
    `/journal?route=${route}&limit=10000`,
  );
  return entries;
}

/** GMV of each stored day by the shop, its hours, products and SKUs; they are made of the same sales. */
async function expectEqualSums(): Promise<void> {
  const sums = (table: string) => rig.sql<{ date: string; gmv: string }[]>`
    select date::text as date, sum(gmv)::text as gmv from ${rig.sql(table)} where date = any(${days}::text[]::date[])
    group by date order by date`;
  const ofShop = await sums('analytics_shop');
  expect(ofShop.length).toBe(days.length);
  expect(ofShop.some(({ gmv }) => gmv !== '0.00')).toBe(true);
  expect(await sums('analytics_products')).toEqual(ofShop);
  expect(await sums('analytics_skus')).toEqual(ofShop);
  // A run leaves no day outside of the sums since New Year, and they hold nothing else.
  expect(await rig.sql`select stream, date from analytics_days where not summed`).toEqual([]);
  const [wrong] = await rig.sql`
    with newest as (select max(until) as until from analytics_boundaries where stream = 'products')
    select (select sum(gmv) from analytics_products_to_date, newest where analytics_products_to_date.until = newest.until)
      - (select sum(gmv) from analytics_products, newest
        where date < until and date >= date_trunc('year', until - 1)) as difference`;
  expect(Number(wrong?.difference)).toBe(0);
}

describe('analyticsBackfill', () => {
  it('reads the thirty days that are ready, and nothing after them', async () => {
    const run = await finished(await sync('analytics', 'full'));
    expect(run).toMatchObject({ status: 'completed', error: null, mode: 'full' });
    days = [...new Set(run.days.map(({ date }) => date))];
    expect(days).toHaveLength(30);
    expect(run.progress).toMatchObject({ orders_done: 390, orders_expected: 390, percent: 100 });
    // The scope of bestsellers is granted to nobody, and hours are kept for less than thirty days.
    expect(tally(run)).toEqual({ done: 359, not_permitted: 30, not_available: 1 });
    expect(
      run.days.filter(({ stream, status }) => stream !== 'bestsellers' && status === 'not_permitted'),
    ).toEqual([]);
    expect(run.counts).toMatchObject({ quarantined: 0, unchanged: 0, written: run.counts.fetched });
    await expectEqualSums();

    const asked = (await calls('analytics_products')).map(({ params }) => params.start_date_ge ?? '');
    expect(asked.filter((date) => date > (days.at(-1) ?? ''))).toEqual([]);
    const bestsellers = await calls('analytics_bestsellers');
    expect(bestsellers).toHaveLength(1);
  });

  it('writes nothing when the same days are asked for again', async () => {
    const run = await finished(await backfill(['products', 'shop', 'lives'], days.at(-3), days.at(-1)));
    expect(run).toMatchObject({
      status: 'completed',
      mode: 'window',
      counts: { written: 0, unchanged: run.counts.fetched },
    });
    expect(tally(run)).toEqual({ done: 12 });
    expect(run.days.map(({ stream }) => stream)).toContain('live_minutes');
    await rig.record('analyticsBackfill-window', 'analyticsBackfill/shop-1');
    const pages = await rig.sql`select 1 from analytics_pages where run_id = ${run.run_id}`;
    expect(pages).toHaveLength(0);
  });

  it('says of days that are not ready that they are not', async () => {
    const run = await finished(await backfill(['shop'], days.at(-1), tomorrow()));
    expect(run.status).toBe('completed');
    expect(run.days.map(({ status }) => status)).toEqual(['done', 'not_available', 'not_available']);
    expect(run.days[1]?.reason).toMatchObject({ title: `TikTok has figures up to ${days.at(-1)}.` });
  });

  it('ends with the days that failed, and reads only these again when it is retried', async () => {
    await rig.control('POST', '/faults', {
      ...{ kind: 'code', route: 'analytics_products', times: 2 },
      ...{ code: 36009004, http_status: 400, message: 'Invalid parameter start_date_ge' },
    });
    const started = await backfill(['products', 'shop'], days.at(-4), days.at(-1));
    const run = await finished(started);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'days-failed' } });
    expect(tally(run)).toEqual({ done: 6, failed: 2 });
    const failed = run.days.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([
      { stream: 'products', reason: { code: 'parameter-refused' } },
      { stream: 'products' },
    ]);

    const before = (await calls('analytics_products')).length;
    await rig.act(run.run_id, 'retry');
    const retried = await finished(started);
    expect(retried).toMatchObject({ status: 'completed', error: null });
    expect(tally(retried)).toEqual({ done: 8 });
    const again = (await calls('analytics_products')).slice(before).map(({ params }) => params.start_date_ge);
    expect(new Set(again)).toEqual(new Set(failed.map(({ date }) => date)));
    await rig.record('analyticsBackfill-retried', 'analyticsBackfill/shop-1');
  });

  it('is paused, goes on where it was, and is cancelled', async () => {
    await rig.control('POST', '/settings', { latency: 300 });
    const started = await backfill(['skus'], days[0], days.at(-1));
    await rig.until(async () => settled(await rig.run(started.run_id)) > 3, 'some days are read');
    expect(await rig.act(started.run_id, 'pause')).toMatchObject({ status: 'paused' });
    const paused = settled(await rig.run(started.run_id));
    expect(paused).toBeLessThan(30);
    expect(await rig.act(started.run_id, 'resume')).toMatchObject({ status: 'running' });
    await rig.until(async () => settled(await rig.run(started.run_id)) > paused, 'it goes on');
    expect(await rig.act(started.run_id, 'cancel')).toMatchObject({ status: 'cancelled' });
    await rig.record('analyticsBackfill-paused', 'analyticsBackfill/shop-1');
  });

  it('goes on at the page when its worker is killed', async () => {
    await rig.control('POST', '/settings', { latency: 250 });
    const before = (await calls('analytics_products')).length;
    const started = await backfill(['products'], days.at(-12), days.at(-1));
    await rig.until(async () => (await calls('analytics_products')).length > before + 10, 'it is reading');
    process.kill(rig.pidOf('worker'), 'SIGKILL');
    const run = await finished(started);
    expect(run).toMatchObject({ status: 'completed', counts: { written: 0 } });
    const made = (await calls('analytics_products')).length - before;
    const [pages, daysAtOnce] = [24, 8];
    expect(made).toBeLessThanOrEqual(pages + daysAtOnce);
    await expectEqualSums();
  });

  it('reads every day only what is new or has not settled', async () => {
    const before = (await calls('analytics_products')).length;
    const run = await finished(await sync('analytics', 'incremental'));
    expect(run).toMatchObject({ mode: 'incremental', status: 'completed' });
    // All thirty days were read today already.
    expect((await calls('analytics_products')).length).toBe(before);

    const [date = ''] = days.slice(-2);
    await rig.sql`update analytics_days set read_again_on = date where date = ${date}::text::date and stream = 'products'`;
    const next = await finished(await sync('analytics', 'incremental'));
    expect(next.days.filter(({ stream }) => stream === 'products')).toMatchObject([{ date, status: 'done' }]);
  });
});

describe('a scope that is not granted', () => {
  it('shows as not permitted and writes nothing', async () => {
    await rig.control('POST', `/shops/${tiktokShopId}/analytics`, {
      withheld_scopes: ['data.shop_analytics.public.read'],
    });
    const run = await finished(await backfill(['shop', 'products'], days[0], days.at(-1)));
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'permission-missing' },
      counts: { written: 0 },
    });
    expect(tally(run)).toEqual({ not_permitted: 60 });
    const [shop] = await rig.sql`select status from shops`;
    expect(shop?.status).toBe('active');
    await rig.control('POST', `/shops/${tiktokShopId}/analytics`, { withheld_scopes: [] });
    await rig.act(run.run_id, 'retry');
    expect(tally(await finished(run))).toEqual({ done: 60 });
    await expectEqualSums();
  });

  it('is not the only reason: TikTok may have no such endpoint for the app', async () => {
    const unknown = { kind: 'code', code: 36009009, http_status: 404, message: 'Invalid path', times: null };
    await rig.control('POST', '/faults', { ...unknown, route: 'analytics_video_overview' });
    const gone = { kind: 'html', http_status: 404, times: null };
    await rig.control('POST', '/faults', { ...gone, route: 'analytics_live_overview' });
    const streams = ['shop', 'video_overview', 'live_overview'];
    const run = await finished(await backfill(streams, days.at(-3), days.at(-1)));
    expect(run).toMatchObject({ status: 'completed', error: null });
    expect(tally(run)).toEqual({ done: 3, not_permitted: 6 });
    const reasons = run.days
      .filter(({ status }) => status === 'not_permitted')
      .map(({ reason }) => reason?.code);
    expect(new Set(reasons)).toEqual(new Set(['unknown-endpoint', 'not-tiktok-shop']));
  });
});

describe('productSync', () => {
  it('reads the catalogue with brands, categories, images and stock, then only what changed', async () => {
    const run = await finished(await sync('products', 'full'));
    expect(run).toMatchObject({ status: 'completed', counts: { fetched: 120, written: 120, unchanged: 0 } });
    await rig.record('productSync', 'productSync/shop-1');
    expect(await productDifferences()).toEqual([]);
    const [stored] = await rig.sql`
      select count(*) as products, count(category_name) as categories, count(image_url) as images, count(title) as titles
      from products`;
    expect(stored).toEqual({ products: 120, categories: 120, images: 120, titles: 120 });
    const [skus] = await rig.sql`
      select bool_and(p.stock = s.stock) as equal from products p join (
        select product_id, sum(stock) as stock from product_skus group by product_id) s using (product_id)`;
    expect(skus?.equal).toBe(true);

    const [one] = await rig.sql<{ id: string }[]>`select product_id as id from products limit 1`;
    await rig.control('POST', `/shops/${tiktokShopId}/products`, { product_id: one?.id, stock: 4321 });
    const before = (await calls('product_detail')).length;
    const next = await finished(await sync('products', 'incremental'));
    expect(next).toMatchObject({ status: 'completed', counts: { fetched: 120, written: 1, unchanged: 119 } });
    expect((await calls('product_detail')).length - before).toBeLessThanOrEqual(1);
    const [changed] = await rig.sql<{ stock: number; skus: number }[]>`
      select stock, (select count(*) from product_skus s where s.product_id = p.product_id) as skus
      from products p where product_id = ${one?.id ?? ''}`;
    expect(changed?.stock).toBe(4321 * (changed?.skus ?? 0));
    expect(await productDifferences()).toEqual([]);

    // The comparison finds what is wrong.
    await rig.sql`update product_skus set price = price + 0.01 where product_id = ${one?.id ?? ''}`;
    await rig.sql`update products set brand_name = 'Nobody' where product_id = ${one?.id ?? ''}`;
    expect(await productDifferences()).toEqual([
      expect.objectContaining({ of: `product ${one?.id}`, field: 'brand', stored: 'Nobody' }),
      ...Array.from({ length: changed?.skus ?? 0 }, () => expect.objectContaining({ field: 'price' })),
    ]);
  });

  it('and the other streams show how they stand', async () => {
    const status = await rig.api.get<Record<string, StreamStatus>>('/api/sync/status?shop_id=shop-1');
    expect(status.products).toMatchObject({
      status: 'idle',
      metadata: { orders_total: 120, freshness: null },
    });
    expect(status.analytics?.metadata.orders_total).toBeGreaterThan(250);
    expect(status.analytics?.metadata.last_full_sync_at).not.toBeNull();
  });
});

async function productDifferences(): Promise<ProductComparison['differences']> {
  const { databaseUrl } = rig;
  const { controlUrl } = rig.simulator.address;
  return (await compareProducts({ databaseUrl, controlUrl, tiktokShopId })).differences;
}

function settled(run: Run): number {
  return run.progress?.orders_done ?? 0;
}

/** Two days after the last one that is ready. */
function tomorrow(): string {
  const last = new Date(`${days.at(-1)}T00:00:00Z`).getTime();
  return new Date(last + 2 * 86_400_000).toISOString().slice(0, 10);
}
