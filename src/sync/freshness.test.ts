import { describe, expect, it } from 'vitest';
import { judgeFreshness, type Rhythm } from './freshness.ts';

const hour = 3_600;
const day = 24 * hour;
/** A Monday, 00:00 UTC. */
const monday = 1_749_427_200;

function hourOfWeek(time: number): number {
  return Math.floor((time % (7 * day)) / hour);
}

/** Eight weeks of a shop that sells `perHour` from 08:00 to 20:00 UTC, and nothing at night. */
function daytimeShop(newest: number, perHour: number): Rhythm {
  const orders = new Map<number, number>();
  for (let time = monday; time < monday + 7 * day; time += hour) {
    const clock = (time % day) / hour;
    if (clock >= 8 && clock < 20) orders.set(hourOfWeek(time), perHour * 8);
  }
  return { newest, weeks: 8, orders };
}

describe('freshness', () => {
  it('is fresh after a night without orders, by the hours in which the shop sells', () => {
    const newest = monday + 19.9 * hour;
    expect(judgeFreshness(daytimeShop(newest, 20), monday + day + 8 * hour)).toMatchObject({
      state: 'fresh',
      gap_s: 12.1 * hour,
      usual_orders: 2,
      usual_gap_s: 180,
    });
  });

  it('is stale once ten orders were to be expected', () => {
    const newest = monday + 12 * hour;
    const shop = daytimeShop(newest, 20);
    expect(judgeFreshness(shop, newest + 29 * 60)).toMatchObject({ state: 'fresh' });
    expect(judgeFreshness(shop, newest + 31 * 60)).toMatchObject({ state: 'stale', usual_orders: 10.3 });
  });

  it('counts whole weeks, and does not sell at night', () => {
    const newest = monday + 12 * hour;
    const after = judgeFreshness(daytimeShop(newest, 1), newest + 21 * day + 12 * hour);
    expect(after).toMatchObject({ state: 'stale', usual_orders: 3 * 84 + 8, usual_gap_s: null });
  });

  it('judges nothing by too few orders, too short a time, or none', () => {
    expect(judgeFreshness(null, monday)).toMatchObject({ state: 'unknown', newest_order_at: null });
    const few = { newest: monday, weeks: 8, orders: new Map([[1, 99]]) };
    expect(judgeFreshness(few, monday + 90 * day)).toMatchObject({ state: 'unknown', usual_orders: null });
    const young = { newest: monday, weeks: 0.9, orders: new Map([[1, 500]]) };
    expect(judgeFreshness(young, monday + 90 * day)).toMatchObject({ state: 'unknown' });
  });

  it('takes an order from a clock that is ahead as new', () => {
    expect(judgeFreshness(daytimeShop(monday + 100, 20), monday)).toMatchObject({ gap_s: 0, state: 'fresh' });
  });
});
