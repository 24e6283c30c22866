import { expect } from 'vitest';
import { ShopCalendar, writeDate } from '../../simulator/analytics/calendar.ts';
import { compareAnalytics, formatAnalyticsComparison } from '../../simulator/analytics-checker.ts';
import { isOnRequest } from '../../src/analytics/streams.ts';
import type { StartedRun } from '../../src/sync/types.ts';
import { everyStream } from './support/analytics.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

/** Days of 23 and 25 hours twice a year; always UTC−8; UTC+7; half an hour apart, in the southern summer. */
const timeZones = ['America/Los_Angeles', '-08:00', 'Asia/Ho_Chi_Minh', 'Australia/Adelaide'];
/** Every day sells something; not every day has a LIVE session. */
const ofAllSales = ['shop', 'products', 'skus', 'affiliates'];
/**
 * Each adds up what it shows in its own way; affiliates by the time of creation, the others by that of payment. Hours are
 * told of the last thirty days only, rankings are of the market, and details are of the same days as their lists.
 */
const streams = everyStream.filter(
  (stream) => !isOnRequest(stream) && !['hourly', 'bestsellers', 'live_minutes'].includes(stream),
);

fault(
  {
    id: 'H3',
    title:
      "analytics on days of 23 and 25 hours, in zones far from UTC: each of the shop's days equals upstream's",
  },
  async ({ rig: start, seed }) => {
    const rig = await start({
      orders: 4_000,
      seed,
      simulator: ['--products', '60', '--history-days', '420'],
    });
    const [shop] = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
    const tiktokShopId = shop?.id ?? '';
    const path = `/shops/${tiktokShopId}/analytics`;
    // What settles meanwhile would be another test's matter.
    await rig.control('POST', path, { settling: 'immediate' });
    const orders = await rig.start('shop-1', 'full');
    expect(await rig.finished(orders.run_id)).toMatchObject({ status: 'completed' });
    let days = 0;
    // The same days in each zone: what was read of them in the zone before is restated.
    for (const timeZone of timeZones) {
      await rig.patch('/api/v1/shops/shop-1', { time_zone: timeZone });
      const { today } = await rig.control<{ today: string }>('POST', path, { time_zone: timeZone });
      for (const [from, to] of changesOfClocks(today)) {
        const { run_id: runId } = await rig.api.post<StartedRun>('/api/v1/shops/shop-1/backfills', {
          streams: [...streams],
          start_date: from,
          end_date: to,
        });
        expect(await rig.finished(runId)).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
        days += await comparedDays(rig, tiktokShopId, from, to);
      }
    }
    return {
      done: `${days} days of ${streams.length} streams around changes of the clock compared in ${timeZones.length} time zones`,
      verdict: await rig.verdict(),
    };
  },
);

/** Three days around each of the last changes of the clock in Los Angeles and Adelaide, whatever the zone of the shop. */
function changesOfClocks(today: string): [string, string][] {
  const last = Date.parse(`${today}T00:00:00Z`) / 86_400_000 - 3;
  const zones = ['America/Los_Angeles', 'Australia/Adelaide'].map((zone) => new ShopCalendar(zone));
  const found: [string, string][] = [];
  for (let day = last; day > last - 366; day -= 1) {
    const changes = zones.some((zone) => zone.momentOf(day + 1) - zone.momentOf(day) !== 86_400);
    if (changes) found.push([writeDate(day - 1), writeDate(day + 1)]);
  }
  return found;
}

/** @returns how many days were compared; there has to be something on them */
async function comparedDays(rig: FaultRig, tiktokShopId: string, from: string, to: string): Promise<number> {
  const { controlUrl } = rig.simulator.address;
  const compared = await compareAnalytics({
    ...{ databaseUrl: rig.databaseUrl, controlUrl, tiktokShopId },
    ...{ from, to, streams },
  });
  expect(compared.equal, formatAnalyticsComparison(compared)).toBe(true);
  for (const { stream, storedGmv } of compared.streams)
    if (ofAllSales.includes(stream)) expect(Number(storedGmv)).toBeGreaterThan(0);
  return compared.streams.reduce((sum, stream) => sum + stream.days, 0);
}
