import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareAnalytics } from '../../simulator/index.ts';
import { addDays } from '../../src/analytics/calendar.ts';
import { productExport, productRow } from '../../src/sources/workbook/testing/workbook.ts';
import type { BackfillDay, Run, StartedRun } from '../../src/sync/types.ts';
import { embeddedEnvironment } from '../faults/support/own-start.ts';
import { databasePlaces, findTraces, historyPlaces } from '../faults/support/traces.ts';
import { runCommand } from '../support/command.ts';
import { setToNoon } from '../support/noon.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

type RunWithDays = Run & { days: BackfillDay[] };

/** A whole installation; the tests are of one story, each goes on from the one before. */
let rig: SyncRig;
let tiktokShopId: string;
/** The days that are read, and one long before them. */
let from: string;
let to: string;
let longAgo: string;

beforeAll(async () => {
  rig = await startSyncRig(['--orders-count', '600', '--products', '60', '--seed', '11'], {});
  await rig.connectSeller(0);
  const shop = await setToNoon(rig, 'shop-1');
  tiktokShopId = shop.tiktokShopId;
  [from, to, longAgo] = [
    addDays(shop.lastReady, -5),
    addDays(shop.lastReady, -4),
    addDays(shop.lastReady, -39),
  ];
});

afterAll(() => rig.stop());

const path = '/api/v1/shops/shop-1/seller_center';
const read = () => rig.api.get<{ status: string; last_error: { code: string } | null }>(path);

async function handOver(): Promise<void> {
  const { cookie, seller_id, fp } = await rig.control<Record<string, string>>(
    'POST',
    `/shops/${tiktokShopId}/seller_center`,
    { login: true, troubles: [] },
  );
  const base_url = new URL(rig.simulator.address.controlUrl).origin;
  await rig.api.post(path, { cookie, seller_id, fp, base_url });
}

const upstream = (settings: object) => rig.control('POST', `/shops/${tiktokShopId}/seller_center`, settings);

const backfill = (start_date = to, end_date = to) =>
  rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
    start_date,
    end_date,
    source: 'seller_center',
  });

async function finished({ run_id }: { run_id: string }): Promise<RunWithDays> {
  return (await rig.finished(run_id)) as RunWithDays;
}

/** Requests that the seller center has seen so far. */
async function requests(): Promise<number> {
  const { entries } = await rig.control<{ entries: unknown[] }>(
    'GET',
    '/journal?route=seller_center_products&limit=10000',
  );
  return entries.length;
}

async function expectEqual(): Promise<void> {
  const { databaseUrl } = rig;
  const { controlUrl } = rig.simulator.address;
  const compared = await compareAnalytics({
    ...{ databaseUrl, controlUrl, tiktokShopId, from, to, streams: ['products'] },
  });
  expect(compared).toMatchObject({ equal: true, differenceCount: 0, missingDays: [] });
  expect(Number(compared.streams[0]?.rows)).toBeGreaterThan(10);
}

describe('a backfill with the owner’s own session', () => {
  it('is refused before anybody handed one over', async () => {
    await expect(backfill()).rejects.toThrow(/409/);
    expect(await requests()).toBe(0);
  });

  it('stores what the seller center shows, and twice the same', async () => {
    await handOver();
    const run = await finished(await backfill(from));
    expect(run).toMatchObject({ status: 'completed', error: null, stream: 'analytics' });
    expect(run.days.map(({ stream, date, status }) => [stream, date, status])).toEqual([
      ['products', from, 'done'],
      ['products', to, 'done'],
    ]);
    await expectEqual();
    expect((await finished(await backfill())).counts).toMatchObject({ written: 0 });
    expect(await rig.sql`select distinct source from analytics_days`).toEqual([{ source: 'seller_center' }]);
  });

  it.each([
    ['expired', 'seller-center-session-expired'],
    ['challenge', 'seller-center-human-check'],
  ])('stops after one request at %s, and goes on with a new session', async (kind, code) => {
    await handOver();
    await upstream({ troubles: [{ kind }] });
    const before = await requests();
    const run = await finished(await backfill());
    expect(run).toMatchObject({
      status: 'failed',
      error: { code, action: expect.stringContaining('browser') },
    });
    expect(await requests()).toBe(before + 1);
    expect(await read()).toMatchObject({ status: 'parked', last_error: { code } });
    await expect(backfill()).rejects.toThrow(/409/);
    expect(await rig.api.get('/api/v1/shops/shop-1')).toMatchObject({
      status: 'active',
      seller_center: 'parked',
    });

    await handOver();
    await rig.act(run.run_id, 'retry');
    expect(await finished(run)).toMatchObject({ status: 'completed', error: null });
    await expectEqual();
  });

  it('is signed as the seller center wants it, where its owner chose to sign', async () => {
    await handOver();
    await upstream({ access: 'signed' });
    const unsigned = await finished(await backfill());
    expect(unsigned).toMatchObject({ status: 'failed', error: { code: 'seller-center-signature-refused' } });
    expect(await read()).toMatchObject({ status: 'active' });
    for (const profile of ['seed-5.1.1', 'seller-5.1.0']) {
      await rig.api.patch(path, { signer: 'builtin', profile });
      expect(await finished(await backfill())).toMatchObject({ status: 'completed', counts: { written: 0 } });
    }
    await rig.api.patch(path, { path: '/api/v3/insights/seller/ttp/product/list' });
    expect(await finished(await backfill())).toMatchObject({ status: 'completed' });
    await expectEqual();
  });

  it('is handed over, looked at and forgotten on the command line, where a workbook is imported, too', async () => {
    const tideline = (...args: string[]) => runCommand(args, embeddedEnvironment(rig));
    const { cookie } = await rig.control<{ cookie: string }>('GET', `/shops/${tiktokShopId}/seller_center`);
    const cookieFile = join(rig.dataDirectory, 'cookie.txt');
    const workbookFile = join(rig.dataDirectory, 'products.xlsx');
    await writeFile(cookieFile, `Cookie: ${cookie}\n`);
    const [year, month, dayOfMonth] = longAgo.split('-');
    const head = `Analysis date: ${dayOfMonth}/${month}/${year}~${dayOfMonth}/${month}/${year}`;
    await writeFile(
      workbookFile,
      productExport(head, [productRow('1729384756473829123', '$19.90', '1', '2')]),
    );
    const connect = [
      'seller-center',
      'connect',
      '--cookie-file',
      cookieFile,
      '--seller-id',
      '7495',
      '--locale',
      'en',
    ];

    // Nobody can be asked whether it is meant, and then it was not.
    expect(await tideline(...connect)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const connected = await tideline(...connect, '--yes', '--json');
    expect(connected).toMatchObject({ code: 0, stderr: expect.stringContaining('your own seller account') });
    expect(JSON.parse(connected.stdout)).toMatchObject({
      status: 'active',
      seller_id: '7495',
      signer: 'builtin',
    });
    expect(`${connected.stdout}${connected.stderr}`).not.toContain(cookie);
    expect(await tideline('seller-center', 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is active'),
    });
    expect(await tideline('seller-center', 'disconnect')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is off'),
    });

    const imported = await tideline('analytics', 'import-workbook', workbookFile, '--follow', '--json');
    expect(imported).toMatchObject({ code: 0 });
    expect(JSON.parse(imported.stdout)).toMatchObject({
      status: 'completed',
      counts: { written: 1, api_calls: 0 },
    });
    expect(
      await rig.sql`select gmv::text as gmv, items_sold from analytics_products where date = ${longAgo}`,
    ).toEqual([{ gmv: '19.90', items_sold: 2 }]);
    const refused = await tideline('analytics', 'import-workbook', cookieFile);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('not an Excel workbook') });
    expect(refused.stderr).not.toContain(cookie);
  });

  it('tells nobody the cookie', async () => {
    const { cookie } = await rig.control<{ cookie: string }>('GET', `/shops/${tiktokShopId}/seller_center`);
    const session = /sessionid_tiktokseller=([^;]+)/.exec(cookie)?.[1] ?? '';
    expect(session.length).toBeGreaterThan(8);
    const places = [...(await historyPlaces(rig.temporal)), ...(await databasePlaces(rig.sql))];
    expect(places.length).toBeGreaterThan(10);
    expect(findTraces(places, [session])).toEqual([]);
    expect(JSON.stringify(await read())).not.toContain(session);
  });
});
