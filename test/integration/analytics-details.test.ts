import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exact } from '../../simulator/checker/totals.ts';
import { compareAnalytics, formatAnalyticsComparison } from '../../simulator/index.ts';
import { addDays } from '../../src/analytics/calendar.ts';
import type { BackfillDay, Run, StartedRun } from '../../src/sync/types.ts';
import { setToNoon } from '../support/noon.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const byDefault = ['video_overview', 'live_overview', 'live_products'];
const onRequest = ['video_products', 'product_details', 'video_details', 'sku_details'];

let rig: SyncRig;
let tiktokShopId: string;
/** The last days that are ready, the oldest first. */
let days: string[];

beforeAll(async () => {
  rig = await startSyncRig(
    ['--orders-count', '1200', '--history-days', '24', '--products', '60', '--seed', '8'],
    {},
  );
  await rig.connectSeller(0);
  const shop = await setToNoon(rig, 'shop-1');
  tiktokShopId = shop.tiktokShopId;
  days = [-2, -1, 0].map((back) => addDays(shop.lastReady, back));
});
afterAll(async () => rig.stop());

const settings = (asked: object) => rig.control('POST', `/shops/${tiktokShopId}/analytics`, asked);

type Row = Record<string, unknown>;

/** Of money, in millionths. */
function sumOf(rows: readonly Row[], name = 'gmv'): bigint {
  return rows.reduce((sum, row) => sum + (exact(String(row[name] ?? '0')) ?? 0n), 0n);
}

type RunWithDays = Run & { days: BackfillDay[] };

async function backfill(streams: readonly string[] | undefined): Promise<RunWithDays> {
  const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    streams,
    start_date: days[0],
    end_date: days.at(-1),
  });
  return (await rig.finished(runId)) as RunWithDays;
}

/** How many rows are stored of each stream. */
async function rowsOf(streams: readonly string[]): Promise<number[]> {
  const counted = streams.map(async (stream) => {
    const [stored] = await rig.sql<{ rows: number }[]>`
      select count(*)::int as rows from ${rig.sql(`analytics_${stream}`)}`;
    return stored?.rows ?? 0;
  });
  return Promise.all(counted);
}

async function calls(route: string): Promise<{ path: string }[]> {
  const { entries } = await rig.control<{ entries: { path: string }[] }>(
    'GET',
    `/journal?route=${route}&limit=10000`,
  );
  return entries;
}

async function expectEqual(streams: readonly string[]): Promise<void> {
  const compared = await compareAnalytics({
    ...{ databaseUrl: rig.databaseUrl, controlUrl: rig.simulator.address.controlUrl, tiktokShopId },
    ...{ from: days[0] ?? '', to: days.at(-1) ?? '', streams },
  });
  expect(compared.equal, formatAnalyticsComparison(compared)).toBe(true);
  for (const { stream, rows } of compared.streams) expect(rows, stream).toBeGreaterThan(2);
}

describe('overviews, and the products of sessions', () => {
  it('are read with everything else, a call a day and one for each session, and are what was sold', async () => {
    const run = await backfill(undefined);
    expect(run).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    const read = new Set(run.days.map(({ stream }) => stream));
    expect(byDefault.filter((stream) => !read.has(stream))).toEqual([]);
    expect(onRequest.filter((stream) => read.has(stream))).toEqual([]);
    await expectEqual(byDefault);
    expect(await calls('analytics_video_overview')).toHaveLength(3);
    expect(await calls('analytics_live_overview')).toHaveLength(3);
    const [sold] = await rig.sql<{ sessions: number }[]>`
      select count(distinct live_id)::int as sessions from analytics_live_products`;
    expect(await calls('analytics_live_products')).toHaveLength(sold?.sessions ?? 0);
  });
});

describe('details', () => {
  it('are read where they are named: of what sold on the day, and of nothing else', async () => {
    const run = await backfill(onRequest);
    expect(run).toMatchObject({ status: 'completed', error: null, counts: { quarantined: 0 } });
    expect(run.days.map(({ status }) => status)).toEqual(Array(12).fill('done'));
    await expectEqual(onRequest);
    const [products] = await rig.sql<{ sold: number }[]>`
      select count(*)::int as sold from analytics_products where gmv > 0 and date = any(${days}::text[]::date[])`;
    expect(await calls('analytics_product')).toHaveLength(products?.sold ?? 0);
    const [ids] = await rig.sql<{ exact: boolean }[]>`
      select bool_and(exists (select from analytics_skus s where s.sku_id = d.sku_id and s.date = d.date)) as exact
      from analytics_sku_details d`;
    expect(ids?.exact).toBe(true);
    expect(await rig.api.get<{ data: unknown[] }>('/api/v1/shops/shop-1/drift')).toMatchObject({ data: [] });
  });

  it('are what the API answers, day by day, with what is newest beside them', async () => {
    const range = `start_date=${days[0]}&end_date=${days.at(-1)}`;
    const read = (path: string) =>
      rig.api.get<{ data: Row[]; newest?: Row }>(`/api/v1/shops/shop-1/analytics/${path}`);
    const [best] = await rig.sql<{ product_id: string; days: number; gmv: string }[]>`
      select product_id, count(*)::int as days, sum(gmv)::text as gmv from analytics_products
      where gmv > 0 and date = any(${days}::text[]::date[]) group by product_id order by sum(gmv) desc limit 1`;
    const product = await read(`products/${best?.product_id}?${range}`);
    expect(product.data).toHaveLength(best?.days ?? 0);
    expect(sumOf(product.data)).toBe(sumOf([{ gmv: best?.gmv }]));
    const byChannel = ['live_gmv', 'video_gmv', 'product_card_gmv'];
    expect(byChannel.reduce((sum, channel) => sum + sumOf(product.data, channel), 0n)).toBe(
      sumOf(product.data),
    );
    expect(product.newest).toMatchObject({
      date: product.data.at(-1)?.date,
      ratings: expect.arrayContaining([
        { stars: '5_STAR', count: expect.any(Number), percentage: expect.any(Number) },
      ]),
    });

    const [sold] = await rig.sql<{ video_id: string; gmv: string }[]>`
      select video_id, sum(gmv)::text as gmv from analytics_videos
      where date = any(${days}::text[]::date[]) group by video_id order by sum(gmv) desc limit 1`;
    const video = await read(`videos/${sold?.video_id}?${range}&granularity=month`);
    expect(sumOf(video.data)).toBe(sumOf([{ gmv: sold?.gmv }]));
    expect(video.newest).toMatchObject({
      viewer_profile: expect.arrayContaining([
        { viewers: 'VIEWERS', trait: 'gender', value: 'FEMALE', percentage: 61 },
      ]),
    });
    expect(sumOf((await read(`videos/${sold?.video_id}/products?${range}`)).data)).toBe(sumOf(video.data));

    const [live] = await rig.sql<{ live_id: string; gmv: string }[]>`
      select live_id, sum(gmv)::text as gmv from analytics_live_products group by live_id order by 2 desc limit 1`;
    const sessionProducts = await read(`lives/${live?.live_id}/products`);
    expect(sumOf(sessionProducts.data)).toBe(sumOf([{ gmv: live?.gmv }]));

    const overview = await read(`videos/overview?${range}`);
    expect(overview.data.map(({ date }) => date)).toEqual(days);
    for (const { click_through_rate: rate } of overview.data) expect(Number(rate)).toBeGreaterThan(0.5);
    // What nobody sold has no rows, and is no error.
    expect(await read(`skus/1?${range}`)).toMatchObject({ data: [] });
  });

  it('change nothing when they are read again, and name what of a day was restated', async () => {
    expect(await backfill(onRequest)).toMatchObject({ status: 'completed', counts: { written: 0 } });
    await rig.control('POST', `/shops/${tiktokShopId}/analytics/restatements`, {
      ...{ date: days[1], kind: 'withdraw', count: 1 },
    });
    const run = await backfill(onRequest);
    expect(run.days.filter(({ status }) => status === 'restated').map(({ date }) => date)).toEqual(
      expect.arrayContaining([days[1]]),
    );
    await expectEqual(onRequest);
  });

  it('fail by the day where one of them is refused, and go on with the other days', async () => {
    await rig.control('POST', '/faults', {
      ...{ kind: 'code', route: 'analytics_sku', times: 1 },
      ...{ code: 36009004, http_status: 400, message: 'Invalid parameter sku_id' },
    });
    const run = await backfill(['sku_details']);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'days-failed' } });
    expect(run.days.map(({ status }) => status).toSorted()).toEqual(['done', 'done', 'failed']);
    await rig.control('DELETE', '/faults');
    await rig.act(run.run_id, 'retry');
    expect(await rig.finished(run.run_id)).toMatchObject({ status: 'completed' });
    await expectEqual(['sku_details']);
  });

  it.each([
    ['a scope', { kind: 'code', code: 105005, http_status: 401, message: 'Access denied' }],
    ['an unknown path', { kind: 'code', code: 36009009, http_status: 404, message: 'Invalid path' }],
    ['a page of a gateway', { kind: 'html', http_status: 404 }],
  ])('keep what was told of a single thing that TikTok refuses: %s', async (_, refusal) => {
    await rig.control('POST', '/faults', { ...refusal, route: 'analytics_video', times: 1 });
    const run = await backfill(['video_details']);
    expect(run).toMatchObject({ status: 'completed', error: null, counts: { written: 0 } });
    expect(run.days.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    await expectEqual(['video_details']);
  });

  it('lack a single thing that TikTok refuses, and have it once it is told', async () => {
    await rig.sql`delete from analytics_video_details`;
    const unknown = { kind: 'code', code: 36009009, http_status: 404, message: 'Invalid path', times: 1 };
    await rig.control('POST', '/faults', { ...unknown, route: 'analytics_video' });
    expect(await backfill(['video_details'])).toMatchObject({ status: 'completed', error: null });
    expect(await backfill(['video_details'])).toMatchObject({ status: 'completed', counts: { written: 1 } });
    await expectEqual(['video_details']);
  });

  it('are not permitted, and not nothing, on days of which everything was refused', async () => {
    const refused = { kind: 'code', code: 36009009, http_status: 404, message: 'Invalid path', times: null };
    for (const route of ['analytics_video_products', 'analytics_live_products', 'analytics_sku'])
      await rig.control('POST', '/faults', { ...refused, route });
    const streams = ['sku_details', 'video_products', 'live_products'];
    const stored = await rowsOf(streams);
    const run = await backfill([...streams, 'video_overview']);
    expect(run).toMatchObject({ status: 'completed', error: null });
    const ofThings = run.days.filter(({ stream }) => stream !== 'video_overview');
    const refusals = ofThings.filter(({ status }) => status === 'not_permitted');
    expect(new Set(refusals.map(({ stream }) => stream))).toEqual(new Set(streams));
    for (const { reason } of refusals) expect(reason).toMatchObject({ code: 'unknown-endpoint' });
    // A day without a single session was answered: nothing was to be asked for.
    for (const { status, fetched } of ofThings.filter((day) => !refusals.includes(day)))
      expect([status, fetched]).toEqual(['done', 0]);
    expect(await rowsOf(streams)).toEqual(stored);

    const alone = await backfill(['sku_details']);
    expect(alone).toMatchObject({ status: 'failed', error: { code: 'unknown-endpoint' } });
    await rig.control('DELETE', '/faults');
    await rig.act(alone.run_id, 'retry');
    expect(await rig.finished(alone.run_id)).toMatchObject({ status: 'completed', error: null });
    expect(await backfill(streams)).toMatchObject({ status: 'completed', counts: { written: 0 } });
    await expectEqual(streams);
  });

  it('are kept right by the daily run until they have settled, and not begun by it', async () => {
    const [, date = ''] = days;
    await rig.sql`
      update analytics_days set read_again_on = date, settled = false
      where date = ${date}::text::date and stream = 'video_details'`;
    // A shop that was never synced as a whole is, whatever is asked.
    await rig.sql`
      update stream_states set last_full_sync_at = now(), last_full_sync_result = 'complete' where stream = 'analytics'`;
    const asked = { stream: 'analytics', mode: 'incremental' };
    const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/syncs', asked);
    const run = (await rig.finished(runId)) as RunWithDays;
    expect(run).toMatchObject({ mode: 'incremental', status: 'completed' });
    const ofDetails = run.days.filter(({ stream }) => onRequest.includes(stream));
    expect(ofDetails).toMatchObject([{ stream: 'video_details', date, status: 'done' }]);
  });

  it('show as not permitted where the scope is missing, and write nothing', async () => {
    await settings({ withheld_scopes: ['data.shop_analytics.public.read'] });
    const run = await backfill(['product_details', 'video_overview']);
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'permission-missing' },
      counts: { written: 0 },
    });
    expect(new Set(run.days.map(({ status }) => status))).toEqual(new Set(['not_permitted']));
    await settings({ withheld_scopes: [] });
  });
});

describe('rankings of the market', () => {
  const read = (query: string) =>
    rig.api.get<{ data: Row[] }>(`/api/v1/shops/shop-1/analytics/bestsellers?${query}`);

  it('show as not permitted without their scope, and are read with it', async () => {
    expect(await backfill(['bestsellers'])).toMatchObject({ status: 'failed', counts: { written: 0 } });
    expect(await read('ranking=videos')).toEqual({
      ...{ data: [], date: null, permission: 'not_permitted', latest_available_date: null },
    });

    const { grants } = await rig.control<{ grants: { scopes: string[] }[] }>('GET', '/grants');
    const scopes = [...(grants[0]?.scopes ?? []), 'data.bestselling.public.read'];
    await rig.control('POST', '/grants/0/scopes', { scopes });
    expect(await backfill(['bestsellers'])).toMatchObject({
      status: 'completed',
      // Three days of four rankings of three stretches of days.
      counts: { written: 3_600, quarantined: 0 },
    });
    const newest = await read('ranking=creators&time_slot=30D');
    expect(newest).toMatchObject({ date: days.at(-1), permission: 'granted' });
    expect(newest.data.map(({ rank }) => rank)).toEqual(Array.from({ length: 100 }, (_, nth) => nth + 1));
    expect(newest.data[0]).toMatchObject({
      id: expect.stringMatching(/^1730\d{15}$/),
      gmv_range: '1M+',
    });
    const first = await read(`date=${days[0]}`);
    expect(first).toMatchObject({ date: days[0] });
    expect(first.data[0]?.id).not.toBe((await read(`date=${days[1]}`)).data[0]?.id);
    expect(await read('date=2020-01-01')).toMatchObject({ data: [], date: null });
  });
});
