import { expect } from 'vitest';
import {
  type CountedSale,
  compareAnalytics,
  formatAnalyticsComparison,
  readSales,
} from '../../simulator/analytics-checker.ts';
import { dayIn } from '../../simulator/checker/totals.ts';
import type { RandomSequence } from '../../simulator/random.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { type SyncRig, startSyncRig } from './sync-rig.ts';

/** A whole installation with one shop whose orders, products and days of analytics are stored, and what it sold. */
export interface SoldShop {
  rig: SyncRig;
  /** The days whose figures are stored, the oldest first. */
  days: readonly string[];
  /** Every unit that was ever paid, and the orders that were cancelled after it. */
  paid: readonly CountedSale[];
  cancelled: ReadonlySet<string>;
  /** Some of the days, and what was paid on them. */
  chosenRange(random: RandomSequence): { from: string; to: string; sold: CountedSale[] };
}

const daysRead = 40;

/** The day of the shop, of a time in Unix seconds. */
export const shopDay = dayIn('-08:00');

export function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

export async function startSoldShop(streams: readonly string[]): Promise<SoldShop> {
  const rig = await startSyncRig(
    ['--orders-count', '2500', '--history-days', '70', '--products', '90', '--seed', '21'],
    {},
  );
  try {
    return await fill(rig, streams);
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

async function fill(rig: SyncRig, streams: readonly string[]): Promise<SoldShop> {
  await rig.connectSeller(0);
  const [shop] = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
  const tiktokShopId = shop?.id ?? '';
  const { controlUrl } = rig.simulator.address;
  const change = (settings: object) =>
    rig.control<{ latest_available_date: string }>('POST', `/shops/${tiktokShopId}/analytics`, settings);
  // Figures that still settle would change at the shop's midnight.
  const { latest_available_date: last } = await change({ settling: 'immediate' });
  const days = Array.from({ length: daysRead }, (_, nth) => dayAfter(last, nth + 1 - daysRead));
  const path = '/api/v1/shops/shop-1';
  const runs = [
    await rig.api.post<StartedRun>(`${path}/syncs`, { stream: 'orders', mode: 'full' }),
    await rig.api.post<StartedRun>(`${path}/syncs`, { stream: 'products', mode: 'full' }),
    await rig.api.post<StartedRun>(`${path}/backfills`, { start_date: days[0], end_date: last, streams }),
  ];
  for (const { run_id: runId } of runs) expect((await rig.finished(runId)).status).toBe('completed');
  const compared = await compareAnalytics({
    ...{ databaseUrl: rig.databaseUrl, controlUrl, tiktokShopId, from: days[0] ?? '', to: last, streams },
  });
  expect(compared.equal, formatAnalyticsComparison(compared)).toBe(true);

  // So that what was cancelled today is told whole.
  await change({ latency_days: 0 });
  const sales: CountedSale[] = [];
  const ever = { from: dayAfter(last, -100), to: dayAfter(last, 2) };
  for await (const sale of readSales({ controlUrl, tiktokShopId, ...ever })) sales.push(sale);
  const paid = sales.filter(({ countedAs }) => countedAs === 'paid');
  const cancelled = sales.filter(({ countedAs }) => countedAs === 'cancelled');
  return {
    ...{ rig, days, paid },
    cancelled: new Set(cancelled.map(({ orderId }) => orderId)),
    chosenRange(random) {
      const [left, right] = [random.below(daysRead), random.below(daysRead)].sort(
        (one, other) => one - other,
      );
      const [from = '', to = ''] = [days[left ?? 0], days[right ?? 0]];
      const sold = paid.filter(({ paidTime }) => shopDay(paidTime) >= from && shopDay(paidTime) <= to);
      return { from, to, sold };
    },
  };
}
