import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamStatus } from '../../src/sync/types.ts';
import { taskQueue } from '../../src/temporal/names.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const orders = 3_000;

/** Two shops of two sellers; every test leaves both connected, and synced once after the first. */
let rig: SyncRig;

beforeAll(async () => {
  rig = await startSyncRig(
    [
      ...['--orders-count', String(orders), '--shops', '2', '--sellers', '2'],
      ...['--seed', '11', '--page-tokens', 'shifting'],
    ],
    { TIDELINE_REQUESTS_PER_SECOND: '200', TIDELINE_PARALLEL_SLICES: '3' },
  );
  await rig.connectSeller(0);
  await rig.connectSeller(1);
});

afterAll(async () => {
  await rig.stop();
});

afterEach(async () => {
  await rig.control('DELETE', '/faults');
  await slow(0);
});

/** Answers come late, so that a run lasts long enough to meet something. */
async function slow(latency: number): Promise<void> {
  await rig.control('POST', '/settings', { latency });
}

async function statusOf(shopId: string): Promise<StreamStatus> {
  const { orders: status } = await rig.api.get<{ orders: StreamStatus }>(
    `/api/sync/status?shop_id=${shopId}`,
  );
  return status;
}

/** Calls of a route that the simulator has seen. */
async function calls(route: string): Promise<number> {
  const { entries } = await rig.control<{ entries: unknown[] }>('GET', `/journal?route=${route}&limit=10000`);
  return entries.length;
}

describe('orderSync', () => {
  it('reads everything, then only what changed', async () => {
    for (const shopId of ['shop-1', 'shop-2']) {
      const { run_id: runId } = await rig.start(shopId, 'incremental');
      expect(await rig.finished(runId)).toMatchObject({ mode: 'full', status: 'completed' });
    }
    await rig.record('orderSync-full', 'orderSync/shop-1');
    await rig.expectEverything('shop-1', 'shop-2');

    for (const [kind, count] of Object.entries({ advance: 30, new: 20, touch: 150, twice: 5, cancel: 5 })) {
      await rig.change('shop-1', kind, count);
    }
    const { run_id: runId } = await rig.start('shop-1', 'incremental');
    expect(await rig.finished(runId)).toMatchObject({ mode: 'incremental', status: 'completed' });
    await rig.record('orderSync-incremental', 'orderSync/shop-1');
    await rig.expectEverything('shop-1', 'shop-2');
  });

  it('follows an incremental run with the full one that was asked for meanwhile', async () => {
    await slow(500);
    const first = await rig.start('shop-1', 'incremental');
    const second = await rig.start('shop-1', 'full');
    const third = await rig.start('shop-1', 'full');
    expect(second).toMatchObject({ already_running: false, mode: 'full' });
    expect(third).toMatchObject({ already_running: true, run_id: second.run_id });
    expect((await rig.run(second.run_id)).status).toBe('queued');
    const incremental = await rig.finished(first.run_id);
    await slow(0);
    const full = await rig.finished(second.run_id);
    expect([incremental.status, full.status]).toEqual(['completed', 'completed']);
    expect(Date.parse(full.started_at ?? '')).toBeGreaterThanOrEqual(
      Date.parse(incremental.finished_at ?? ''),
    );
    await rig.record('orderSync-two-runs', 'orderSync/shop-1');
    await rig.expectEverything('shop-1');
  });

  it('leaves the watermark where it was when it is cancelled', async () => {
    await rig.change('shop-1', 'touch', 40);
    const watermark = await rig.watermark('shop-1');
    await slow(1_500);
    for (const mode of ['incremental', 'full'] as const) {
      const { run_id: runId } = await rig.start('shop-1', mode);
      await rig.until(async () => (await rig.run(runId)).status === 'running', 'it runs');
      await sleep(200);
      expect(await rig.act(runId, 'cancel')).toMatchObject({ status: 'cancelled' });
      expect(await rig.watermark('shop-1')).toBe(watermark);
      await rig.record(`orderSync-cancelled-${mode}`, 'orderSync/shop-1');
    }
    await slow(0);
    const { run_id: next } = await rig.start('shop-1', 'incremental');
    expect(await rig.finished(next)).toMatchObject({ status: 'completed' });
    await rig.expectEverything('shop-1');
  });

  it('goes on under the same id after a pause, and after a failure', async () => {
    await slow(150);
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) >= orders * 0.2, 'a fifth is stored');
    expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
    await rig.control('POST', '/faults', {
      kind: 'code',
      code: 424242,
      message: 'something new',
      route: 'order_search',
      times: null,
    });
    expect(await rig.act(runId, 'resume')).toMatchObject({ status: expect.stringMatching('running|failed') });
    expect(await rig.finished(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'request-refused', request_id: expect.any(String) },
    });
    await rig.record('orderSync-paused-then-failed', 'orderSync/shop-1');
    await rig.control('DELETE', '/faults');
    await slow(0);
    await rig.act(runId, 'retry');
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    await rig.expectEverything('shop-1');
  });

  it('reads a window of creation time again', async () => {
    const [bounds] = await rig.sql<{ from: Date; to: Date }[]>`
      select date_trunc('second', percentile_disc(0.4) within group (order by created_at)) as from,
        date_trunc('second', percentile_disc(0.6) within group (order by created_at)) as to
      from orders where shop_id = 'shop-1'`;
    if (bounds === undefined) throw new Error('There are no orders.');
    const { from, to } = bounds;
    const { sql } = rig;
    const lost = await sql`
      delete from orders where shop_id = 'shop-1' and created_at >= ${from} and created_at < ${to}`;
    for (const table of ['line_items', 'packages', 'order_status_history', 'order_personal']) {
      await sql`delete from ${sql(table)} part where shop_id = 'shop-1' and not exists (
        select from orders o where o.shop_id = part.shop_id and o.order_id = part.order_id)`;
    }
    expect(lost.count).toBeGreaterThan(orders * 0.15);
    expect(await rig.differences()).not.toEqual([]);
    const watermark = await rig.watermark('shop-1');
    const window = { from: from.toISOString(), to: to.toISOString() };
    const { run_id: runId } = await rig.start('shop-1', 'window', window);
    const run = await rig.finished(runId);
    expect(run).toMatchObject({ mode: 'window', status: 'completed' });
    expect(run.counts).toMatchObject({ written: lost.count });
    expect(await rig.watermark('shop-1')).toBe(watermark);
    await rig.record('orderSync-window', 'orderSync/shop-1');
    await rig.expectEverything('shop-1');
  });

  it('waits for a seller who took the access back, while the other shop is read', async () => {
    await slow(150);
    const { run_id: parked } = await rig.start('shop-2', 'full');
    const { run_id: other } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(parked)) >= orders * 0.2, 'a fifth is stored');
    await rig.control('POST', '/grants/1/revoke');
    await rig.until(async () => (await rig.run(parked)).status === 'paused', 'it is paused');
    const before = await rig.fetched(parked);
    expect(before).toBeLessThan(orders);
    expect(await statusOf('shop-2')).toMatchObject({
      status: 'error',
      error: { action: expect.any(String) },
    });
    await expect(rig.start('shop-2', 'incremental')).rejects.toThrow(/409/);
    await expect(rig.start('shop-2', 'full')).rejects.toThrow(/409/);
    expect(await rig.finished(other)).toMatchObject({ status: 'completed', error: null });
    expect((await rig.run(parked)).status).toBe('paused');
    await slow(0);
    await rig.connectSeller(1);
    expect(await rig.finished(parked)).toMatchObject({ run_id: parked, status: 'completed', error: null });
    await rig.record('orderSync-parked', 'orderSync/shop-2');
    await rig.expectEverything('shop-1', 'shop-2');
  });

  it('renews an access that ends between two pages, once for all lanes', async () => {
    await slow(100);
    const before = await calls('token_refresh');
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) >= orders * 0.2, 'a fifth is stored');
    await rig.control('POST', '/grants/0/expire-access');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    expect(await calls('token_refresh')).toBe(before + 1);
    await rig.expectEverything('shop-1');
    await rig.temporal.workflow.execute('tokenRefresh', { taskQueue, workflowId: 'tokenRefresh/test' });
    await rig.record('tokenRefresh', 'tokenRefresh/test');
  });

  it('reads one order again when it is asked for, stored or not yet, and says why it could not', async () => {
    const refresh = async (shopId: string, orderId: string) => {
      const response = await fetch(`${rig.apiUrl}/api/v1/shops/${shopId}/orders/${orderId}/refresh`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rig.apiKey}` },
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const [cancelled = ''] = await rig.change('shop-1', 'cancel', 1);
    const [fresh = ''] = await rig.change('shop-1', 'new', 1);
    expect(await refresh('shop-1', cancelled)).toMatchObject({
      status: 200,
      body: { order_id: cancelled, status: 'CANCELLED', source: { run_id: null } },
    });
    expect(await refresh('shop-1', fresh)).toMatchObject({ status: 200, body: { order_id: fresh } });
    // Nothing new the second time: no other page is kept.
    const pages = () => rig.sql`select record_ids from raw_pages where run_id is null order by page_id`;
    expect((await refresh('shop-1', fresh)).status).toBe(200);
    expect((await pages()).map((page) => page.record_ids)).toEqual([[cancelled], [fresh]]);
    await rig.record('orderRefresh', `orderRefresh/shop-1/${fresh}`);
    await rig.expectEverything('shop-1');

    expect(await refresh('shop-1', '999')).toMatchObject({ status: 404 });
    expect(await refresh('shop-1', `${fresh},${cancelled}`)).toMatchObject({ status: 400 });
    await rig.control('POST', '/faults', { route: 'order_detail', kind: 'html', times: null });
    const broken = await refresh('shop-1', fresh);
    expect(broken).toMatchObject({ status: 502, body: { request_id: expect.any(String) } });
    await rig.control('DELETE', '/faults');
    await rig.sql`update shops set status = 'parked' where shop_id = 'shop-2'`;
    expect(await refresh('shop-2', fresh)).toMatchObject({ status: 409 });
    await rig.sql`update shops set status = 'active' where shop_id = 'shop-2'`;
  });

  it('counts the days of another time zone at once, and sums them anew while a run is paused', async () => {
    await slow(500);
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.run(runId)).status === 'running', 'it runs');
    await rig.act(runId, 'pause');
    const readDays = async () => {
      const [row] = await rig.sql<{ orders: number; days: number }[]>`
        select count(*) as orders, count(distinct (created_at at time zone 'UTC' + interval '13 hours')::date) as days
        from orders where shop_id = 'shop-1'`;
      const read = await rig.api.get<{ total_orders: number; by_day: unknown[] }>(
        '/api/v1/shops/shop-1/orders/stats',
      );
      expect({ orders: read.total_orders, days: read.by_day.length }).toEqual(row);
    };
    const changed = await rig.api.patch('/api/v1/shops/shop-1', { time_zone: '+13:00' });
    expect(changed).toMatchObject({ time_zone: '+13:00' });
    await readDays();
    await rig.until(
      async () => (await rig.sql`select 1 from order_day_marks where shop_id = 'shop-1'`).length === 0,
      'every day is summed anew',
    );
    await readDays();
    await rig.record('orderRollUp', 'orderRollUp/shop-1');
    await slow(0);
    await rig.act(runId, 'resume');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    await rig.expectEverything('shop-1');
  });

  it.each([
    ['empty pages with a token', { kind: 'empty_page', after: 3, times: 3 }],
    ['totals that are not true', { kind: 'lying_total', after: 6, times: 4 }],
    ['pages that are cut off', { kind: 'truncated', after: 2, times: 3 }],
    ['pages of half a JSON', { kind: 'truncated_json', after: 2, times: 3 }],
    ['pages that are no JSON', { kind: 'malformed_json', after: 2, times: 3 }],
    ['connections that end in a page', { kind: 'reset_mid_body', after: 2, times: 3 }],
    ['HTML in place of JSON', { kind: 'html', after: 2, times: 3 }],
    ['throttling inside of HTTP 200', { kind: 'throttle', in_body: true, after: 2, times: 5 }],
  ])('comes through %s', async (_, fault) => {
    await rig.control('POST', '/faults', { route: 'order_search', ...fault });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    const { faults } = await rig.control<{ faults: { hits: number }[] }>('GET', '/faults');
    expect(faults[0]?.hits).toBeGreaterThan(0);
    await rig.expectEverything('shop-1');
  });

  it('says that it is not complete when tokens lead on for ever, and mends it later', async () => {
    await rig.control('POST', '/faults', {
      route: 'order_search',
      kind: 'repeated_token',
      after: 4,
      times: null,
    });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    const run = await rig.finished(runId);
    expect(run.status).toBe('completed_with_differences');
    expect((await statusOf('shop-1')).metadata.last_full_sync_result).toBe('completed_with_differences');
    await rig.control('DELETE', '/faults');
    const { run_id: next } = await rig.start('shop-1', 'full');
    expect(await rig.finished(next)).toMatchObject({ status: 'completed' });
    expect((await statusOf('shop-1')).metadata.last_full_sync_result).toBe('complete');
    await rig.expectEverything('shop-1');
  });

  it('sets aside and counts what cannot be stored, and takes it back when it is well', async () => {
    const ids: string[] = [];
    for (const poison of ['money_exponent', 'money_grouped', 'payment_missing', 'line_price_text']) {
      ids.push(...(await rig.change('shop-1', 'poison', 2, { poison })));
    }
    for (const poison of ['nul_in_name', 'emoji', 'new_status', 'lone_surrogate', 'integer_ids']) {
      await rig.change('shop-1', 'poison', 2, { poison });
    }
    const aside = new Set(ids).size;
    for (const mode of ['incremental', 'full'] as const) {
      const { run_id: runId } = await rig.start('shop-1', mode);
      const run = await rig.finished(runId);
      expect(run).toMatchObject({ status: 'completed', counts: { quarantined: aside } });
      await rig.expectEverything('shop-1');
    }
    await rig.change('shop-1', 'heal', 0, { ids });
    const { run_id: runId } = await rig.start('shop-1', 'incremental');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    const [left] = await rig.sql<{ count: number }[]>`select count(*) from quarantined_records`;
    expect(left?.count).toBe(0);
    await rig.expectEverything('shop-1');
  });
});
