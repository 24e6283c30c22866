import { expect } from 'vitest';
import { type RouteName, routeNames } from '../../simulator/control/faults.ts';
import { declarationOf } from '../../src/analytics/streams.ts';
import { analyticsVerdict, backfill, everyStream, grantBestsellers, readyDays } from './support/analytics.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { readList } from './support/lists.ts';

const routes = routeNames.filter((name) => name.startsWith('analytics_') || name === 'affiliate_orders');
/** Without it, or with a list in its place, a record is none; GMV where nothing else is said. */
const figures: Partial<Record<RouteName, string>> = {
  affiliate_orders: 'price',
  analytics_live_products: 'direct_gmv',
  analytics_bestsellers: 'id',
};

fault(
  {
    id: 'F3',
    title:
      'answers for every stream of analytics get new fields, lose figures and change their types: recorded, shown, ' +
      'set aside, no run fails, and what is not told is not zero',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({
      orders: 1_500,
      seed,
      simulator: ['--products', '25', '--history-days', '24'],
    });
    await grantBestsellers(rig);
    const days = await readyDays(rig, 8);
    const asked = { streams: everyStream, days };
    await newFields(rig, asked);
    await missingFigures(rig, asked);
    const aside = await retypedFigures(rig, asked);

    await rig.control('DELETE', '/faults');
    expect(await backfill(rig, asked)).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    expect(await readList(rig, '/api/v1/shops/shop-1/quarantine')).toEqual([]);
    return {
      done: `${days.length} days of ${everyStream.length} streams of analytics with three kinds of drift, then healed`,
      verdict: await analyticsVerdict(rig, asked),
      note: `${aside} records set aside meanwhile`,
    };
  },
);

interface Asked {
  streams: typeof everyStream;
  days: readonly string[];
}

/** A field of its own in the answers of each route. */
async function newFields(rig: FaultRig, asked: Asked): Promise<void> {
  const fieldOf = (route: RouteName): string => `hologram_${route}`;
  await rig.disturb(
    ...routes.map((route) => ({
      ...{ kind: 'drift', drift: 'new_field', route, field: fieldOf(route), count: 1, times: null },
    })),
  );
  expect(await backfill(rig, asked)).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
  const hits = await rig.faultHits();
  expect(routes.filter((_, nth) => hits[nth] === 0)).toEqual([]);
  const unseen = async (): Promise<RouteName[]> => {
    const found = await readList<{ kind: string; path: string }>(rig, '/api/v1/shops/shop-1/drift');
    const unknown = found.filter(({ kind }) => kind === 'unknown').map(({ path }) => path);
    return routes.filter((route) => !unknown.some((path) => path.endsWith(`.${fieldOf(route)}`)));
  };
  await expect.poll(unseen, { timeout: 30_000 }).toEqual([]);
}

/** Rows without their figure are none, or do not know it; whichever, nothing of it was zero. */
async function missingFigures(rig: FaultRig, asked: Asked): Promise<void> {
  await drift(rig, 'missing_field', 1_000);
  expect(await backfill(rig, asked)).toMatchObject({ status: 'completed', error: null });
  for (const stream of asked.streams) {
    const { table, metrics } = declarationOf(stream);
    if (!('gmv' in metrics)) continue;
    const [stored] = await rig.sql<{ told: number }[]>`
      select count(gmv)::int as told from ${rig.sql(table)} where date = any(${[...asked.days]}::text[]::date[])`;
    expect([stream, stored?.told]).toEqual([stream, 0]);
  }
}

/** @returns how many records were set aside; some of every stream */
async function retypedFigures(rig: FaultRig, asked: Asked): Promise<number> {
  await drift(rig, 'retyped_field', 1);
  const run = await backfill(rig, asked);
  expect(run).toMatchObject({ status: 'completed', error: null });
  const aside = await readList<{ stream: string; record_id: string }>(rig, '/api/v1/shops/shop-1/quarantine');
  const streams = aside
    .filter(({ stream }) => stream === 'analytics')
    .map(({ record_id: recordId }) => recordId.split('/')[0]);
  expect(new Set(streams)).toEqual(new Set(asked.streams));
  return run.counts.quarantined;
}

async function drift(rig: FaultRig, kind: string, count: number): Promise<void> {
  await rig.control('DELETE', '/faults');
  await rig.disturb(
    ...routes.map((route) => ({
      ...{ kind: 'drift', drift: kind, route, field: figures[route] ?? 'gmv', count, times: null },
    })),
  );
}
