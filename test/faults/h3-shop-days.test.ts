import { expect } from 'vitest';
import { readUpstream } from '../../simulator/checker/sides.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

/** Days of 23 and 25 hours twice a year; always UTC−8; UTC+7; half an hour apart, in the southern summer. */
const timeZones = ['America/Los_Angeles', '-08:00', 'Asia/Ho_Chi_Minh', 'Australia/Adelaide'];
/** Where Node has no name for what Tideline takes. */
const namesForNode: Record<string, string> = { '-08:00': 'Etc/GMT+8' };

interface Day {
  date: string;
  orders: number;
  gmv: string;
}

fault(
  {
    id: 'H3',
    title: "days of 23 and 25 hours, zones far from UTC: each of the shop's days equals upstream's",
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 6_000, seed });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({
      status: 'completed',
    });
    let days = 0;
    for (const timeZone of timeZones) {
      await rig.patch('/api/v1/shops/shop-1', { time_zone: timeZone });
      const shown = await rig.api.get<{ by_day: Day[] }>('/api/v1/shops/shop-1/orders/stats');
      const expected = await daysOfUpstream(rig, timeZone);
      expect(sorted(shown.by_day)).toEqual(expected);
      expect(await rig.differences()).toEqual([]);
      days += expected.length;
    }
    return {
      done: `${days} days of two years in ${timeZones.length} time zones compared`,
      verdict: await rig.verdict(),
    };
  },
);

/** Orders and money of each day, counted here from what the simulator holds. */
async function daysOfUpstream(rig: FaultRig, timeZone: string): Promise<Day[]> {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: namesForNode[timeZone] ?? timeZone,
    dateStyle: 'short',
  });
  const [shop] = await rig.sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
  const days = new Map<string, { orders: number; cents: bigint }>();
  for await (const order of readUpstream(rig.simulator.address.controlUrl, shop?.id ?? '')) {
    const date = format.format(new Date(order.createTime * 1_000));
    const day = days.get(date) ?? { orders: 0, cents: 0n };
    day.orders += 1;
    if (order.status !== 'UNPAID') day.cents += BigInt((order.totalAmount ?? '').replace('.', ''));
    days.set(date, day);
  }
  return sorted(
    [...days].map(([date, { orders, cents }]) => {
      const digits = String(cents).padStart(3, '0');
      return { date, orders, gmv: `${digits.slice(0, -2)}.${digits.slice(-2)}` };
    }),
  );
}

function sorted(days: readonly Day[]): Day[] {
  return [...days].sort((left, right) => (left.date < right.date ? -1 : 1));
}
