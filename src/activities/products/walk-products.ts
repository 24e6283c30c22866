import { packRawPage, rawPageEncoding } from '../../db/queries/raw-page-body.ts';
import { loadRun, type RunRecord } from '../../db/queries/runs.ts';
import {
  advanceSlice,
  claimSlice,
  finishSlice,
  insertSlices,
  listOpenSlices,
  lockClaim,
  type Slice,
  splitSlice,
} from '../../db/queries/slices.ts';
import { quarantineRecords } from '../../db/queries/write-orders.ts';
import { writeProducts } from '../../db/queries/write-products.ts';
import {
  mostProductsListed,
  type ProductPage,
  readProductPage,
} from '../../sources/tiktok-shop/streams/products/index.ts';
import type { AnalyticsDependencies } from '../analytics/dependencies.ts';
import type { ActivityControl } from '../orders/dependencies.ts';

/** A list that brings more pages than TikTok lists is going round in circles. */
const mostPages = 2 * (mostProductsListed / 100);

/**
 * Reads the whole list of a shop's products, or those created in the run's window: stock changes without the time of
 * change moving, so nothing less than the list shows it. A range of as many products as TikTok lists at most is read
 * in halves.
 */
export async function walkProducts(
  dependencies: AnalyticsDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const { sql, clock } = dependencies;
  const run = await loadRun(sql, runId);
  if (run.bound === null) await plan(dependencies, run, Math.floor(clock.upstreamNow() / 1_000));
  while (true) {
    const [sliceId] = await listOpenSlices(sql, runId, 1);
    if (sliceId === undefined) return;
    const slice = await claimSlice(sql, runId, sliceId);
    // The run was ended, or another attempt is ahead of this one.
    if (slice === null) return;
    await walkSlice(dependencies, control, run, slice);
  }
}

async function plan({ sql }: AnalyticsDependencies, run: RunRecord, now: number): Promise<void> {
  const { runId, windowFrom, windowTo } = run;
  await sql.begin(async (tx) => {
    const [unplanned] = await tx`
      select 1 from sync_runs where run_id = ${runId} and bound_at is null and status = 'running' for update`;
    if (unplanned === undefined) return;
    await tx`update sync_runs set bound_at = to_timestamp(${now}) where run_id = ${runId}`;
    const rangeFrom = windowFrom ?? 0;
    const rangeTo = windowTo ?? now + 1;
    await insertSlices(tx, [{ runId, axis: 'create_time', rangeFrom, rangeTo }]);
  });
}

async function walkSlice(
  dependencies: AnalyticsDependencies,
  control: ActivityControl,
  run: RunRecord,
  slice: Slice,
): Promise<void> {
  const { sql, client, drift } = dependencies;
  const { shopId, runId } = run;
  const range = { from: slice.rangeFrom, to: slice.rangeTo };
  let pageToken = slice.pageToken;
  for (let number = slice.pages; number < mostPages; number += 1) {
    const request = { shopId, runId, lane: 'history', range, pageToken, signal: control.signal } as const;
    const page = await readProductPage(client, request);
    control.signal.throwIfAborted();
    // TikTok's count may stop where its list does: as many as it lists at most may be any number.
    const isCut = page.totalCount >= mostProductsListed;
    if (number === 0 && isCut && range.to - range.from > 1) {
      await halve(dependencies, slice);
      return;
    }
    await writePage(dependencies, shopId, slice, number, page);
    drift.note(shopId, 'products', page.drift);
    control.heartbeat({ slice: slice.sliceId, pages: number + 1 });
    if (page.nextPageToken === null || page.nextPageToken === pageToken) {
      const upstreamTotal = page.totalCount;
      const status = isCut ? 'different' : 'walked';
      await finishSlice(sql, slice, { status, upstreamTotal, storedTotal: upstreamTotal });
      return;
    }
    pageToken = page.nextPageToken;
  }
  await finishSlice(sql, slice, { status: 'different', upstreamTotal: 0, storedTotal: 0 });
}

async function halve({ sql }: AnalyticsDependencies, slice: Slice): Promise<void> {
  const { runId, axis, sliceId, rangeFrom, rangeTo } = slice;
  const middle = Math.floor((rangeFrom + rangeTo) / 2);
  const part = { runId, axis, parentSliceId: sliceId };
  await splitSlice(sql, slice, [
    { ...part, rangeFrom, rangeTo: middle },
    { ...part, rangeFrom: middle, rangeTo },
  ]);
}

async function writePage(
  { sql }: AnalyticsDependencies,
  shopId: string,
  slice: Slice,
  number: number,
  page: ProductPage,
): Promise<void> {
  const { products, aside, observedAt } = page;
  const body = await packRawPage(page.records);
  await sql.begin(async (tx) => {
    const { pageId } = await lockClaim(tx, slice, shopId);
    const written = await writeProducts(tx, { shopId, pageId, observedAt, products });
    const ids = products.map(({ productId }) => productId);
    await tx`
      delete from quarantined_records
      where shop_id = ${shopId} and stream = 'products' and record_id = any(${ids}) and observed_at <= ${observedAt}`;
    const place = { shopId, stream: 'products', pageId, runId: slice.runId, observedAt };
    const quarantined =
      aside.length === 0
        ? 0
        : await quarantineRecords(
            tx,
            place,
            aside.map((record) => ({ ...record, createTime: null })),
          );
    if (written > 0 || aside.length > 0) {
      await tx`
        insert into raw_pages (page_id, shop_id, stream, run_id, slice_id, walk, page_number, tiktok_request_id,
          observed_at, response_sha256, record_ids, encoding, body)
        overriding system value
        values (${pageId}, ${shopId}, 'products', ${slice.runId}, ${slice.sliceId}, ${slice.walk}, ${number},
          ${page.requestId}, ${observedAt}, ${page.responseSha256}, ${[...ids, ...aside.map(({ recordId }) => recordId)]},
          ${rawPageEncoding}, ${body})`;
    }
    const fetched = page.records.length;
    const unchanged = Math.max(0, fetched - written - aside.length);
    await advanceSlice(tx, slice, {
      ...{ fetched, written, unchanged, quarantined },
      pageToken: page.nextPageToken,
      upstreamTotal: page.totalCount,
    });
  });
}
