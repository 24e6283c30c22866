import { expect } from 'vitest';
import { analyticsDifferences, backfill, readyDays } from './support/analytics.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { readList } from './support/lists.ts';

const ofEach = 15;

fault(
  {
    id: 'F3',
    title:
      'new fields, new statuses, fields that are missing or of another type: recorded, shown, no run fails',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 2_000, seed });
    const kinds = ['new_fields', 'new_status', 'payment_missing', 'lines_retyped'];
    const ids: string[] = [];
    for (const poison of kinds) ids.push(...(await rig.change('shop-1', 'poison', ofEach, { poison })));
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });

    await rig.until(async () => (await drift()).length >= 6, 'drift is recorded');
    const found = await drift();
    const paths = found.map(({ kind, path }) => `${kind} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining([
        'unknown hologram_seal',
        'unknown line_items[].scent',
        'unknown payment.moon_tax',
        'new_value status',
        'missing payment',
        'retyped line_items',
      ]),
    );
    expect(new Set(paths).size).toBe(paths.length);
    // Shapes only: what a field held is nobody's business.
    expect(JSON.stringify(found)).not.toMatch(/foil|0\.25|0\.01/);

    const unreadable = await aside();
    expect(new Set(unreadable.map(({ path }) => path))).toEqual(new Set(['payment', 'line_items']));
    const verdict = await rig.verdict();
    await rig.change('shop-1', 'heal', 0, { ids });
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    expect(await aside()).toEqual([]);
    expect(verdict.differences).toEqual([]);
    await analyticsDrift(rig);
    return {
      done: `full sync with ${kinds.length} kinds of drift, then healed`,
      verdict: await rig.verdict(),
      note: `${found.length} findings, ${unreadable.length} orders set aside meanwhile`,
    };

    function drift(): Promise<{ kind: string; path: string }[]> {
      return readList(rig, '/api/v1/shops/shop-1/drift');
    }

    function aside(): Promise<{ path: string }[]> {
      return readList(rig, '/api/v1/shops/shop-1/quarantine');
    }
  },
);

/** Analytics drifts in every way at once; then it is read again as it should be. */
async function analyticsDrift(rig: FaultRig): Promise<void> {
  const days = await readyDays(rig, 2);
  const streams = ['shop', 'products', 'skus', 'videos'];
  const route = 'analytics_products';
  await rig.disturb(
    { kind: 'drift', route: 'analytics_shop', drift: 'missing_field', field: 'gmv', times: 1 },
    { kind: 'drift', route, drift: 'new_field', field: 'hologram_sales', count: 3, times: 1 },
    { kind: 'drift', route, drift: 'retyped_field', field: 'gmv', count: 2, times: 1 },
    { kind: 'drift', route: 'analytics_skus', drift: 'null_field', field: 'units_sold', count: 1, times: 1 },
    { kind: 'drift', route: 'analytics_videos', drift: 'retyped_field', field: 'views', count: 1, times: 1 },
  );
  const run = await backfill(rig, { streams, days });
  expect(run).toMatchObject({ status: 'completed', error: null });
  expect(run.counts.quarantined).toBeGreaterThan(0);
  await rig.until(async () => (await drifted()).length > 0, 'drift of analytics is recorded');
  const aside = await readList<{ stream: string; record_id: string }>(rig, '/api/v1/shops/shop-1/quarantine');
  expect(aside.filter(({ stream }) => stream === 'analytics')).toHaveLength(run.counts.quarantined);

  await rig.control('DELETE', '/faults');
  const healed = await backfill(rig, { streams, days });
  expect(healed).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
  expect(await analyticsDifferences(rig, { streams, days })).toEqual([]);
  expect(await readList(rig, '/api/v1/shops/shop-1/quarantine')).toEqual([]);

  async function drifted(): Promise<unknown[]> {
    const all = await readList<{ stream: string }>(rig, '/api/v1/shops/shop-1/drift');
    return all.filter(({ stream }) => stream === 'analytics');
  }
}
