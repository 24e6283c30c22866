import type postgres from 'postgres';
import { addDays, type Day, daysBetween } from '../../analytics/calendar.ts';
import { type Explanation, explainDifference, type OrderSums } from '../../analytics/explain-difference.ts';
import { fittingOffset, witnesses } from '../../analytics/fitting-offset.ts';
import { subtractDecimals } from '../../decimal.ts';
import type { Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { zeroOf } from './money.ts';
import { paidOrders, readTill, type Till } from './paid-orders.ts';
import { shopDay } from './shop-days.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** A day's GMV of the shop's own orders beside TikTok's figure. Null is what TikTok was not asked for yet. */
export interface ComparedDay {
  date: Day;
  currency: string | null;
  orders_gmv: string;
  tiktok_gmv: string | null;
  /** Orders less TikTok; what explains it adds up to it. */
  difference: string | null;
  explained: Explanation | { [Cause in keyof Explanation]: null };
  /** Whether TikTok's figure is final. */
  settled: boolean | null;
}

interface DayRow extends OrderSums {
  date: Day;
  tiktok: string | null;
  settled: boolean | null;
  earlier: string[];
  agrees: boolean;
}

interface OffsetRow extends OrderSums {
  date: Day;
  minutes: number;
  agrees: boolean;
}

const unexplained = { cancelled: null, time_zone: null, restated: null, other: null };

/**
 * Each day from `from` up to, and without, `to`: paid orders by the day of their payment, worth what their items were
 * sold for (`sub_total`), cancelled ones included, beside the day's GMV of shop performance.
 */
export async function compareDays(
  scope: ShopScope,
  tx: Transaction,
  { from, to }: { from: Day; to: Day },
): Promise<ComparedDay[]> {
  const till = await readTill(scope, tx);
  const reading: Reading = {
    tx,
    till,
    // With the days around that bear witness for the first and the last.
    from: addDays(from, -witnesses),
    to: addDays(to, witnesses),
  };
  const days = await readDays(reading);
  const inOtherZones = await readOtherZones(reading, days);
  return days
    .slice(witnesses, witnesses + daysBetween(from, to))
    .map((day) => describe(day, till.currency, inOtherZones(day.date)));
}

interface Reading {
  tx: Transaction;
  till: Till;
  from: Day;
  to: Day;
}

function describe(day: DayRow, currency: string | null, inOtherZone: OrderSums | null): ComparedDay {
  const { date, orders, tiktok, settled } = day;
  const shown = { date, currency, orders_gmv: orders, tiktok_gmv: tiktok };
  if (tiktok === null) return { ...shown, difference: null, explained: unexplained, settled };
  const difference = subtractDecimals(orders, tiktok);
  return {
    ...shown,
    difference,
    explained: explainDifference({ ...day, tiktok, inOtherZone }),
    settled,
  };
}

function sums(tx: Transaction, currency: string | null): Fragment {
  const zero = tx`${zeroOf(currency)}::text::numeric`;
  return tx`coalesce(sum(amount), 0) + ${zero} as orders,
    coalesce(sum(amount) filter (where is_cancelled), 0) + ${zero} as cancelled`;
}

/** A day without sales agrees in every zone, and says nothing. */
function agreement(tx: Transaction): Fragment {
  return tx`coalesce(a.gmv <> 0 and a.gmv in (s.orders, s.orders - s.cancelled), false) as agrees`;
}

async function readDays(reading: Reading): Promise<DayRow[]> {
  const { tx, till, from, to } = reading;
  const { shopId, timeZone, currency } = till;
  const zero = tx`${zeroOf(currency)}::text::numeric`;
  const rows = await tx<DayRow[]>`
    with s as (
      select ${shopDay(tx, timeZone, tx`paid_at`)} as date, ${sums(tx, currency)}
      from (${paidOrders(tx, till, reading)}) paid group by 1
    )
    select d.date::text as date, coalesce(s.orders, ${zero}) as orders, coalesce(s.cancelled, ${zero}) as cancelled,
      a.gmv + ${zero} as tiktok, k.settled, ${agreement(tx)},
      array(
        select r.old from analytics_restatements r
        where r.shop_id = ${shopId} and r.stream = 'shop' and r.field = 'gmv' and r.date = d.date and r.old is not null
        order by r.restatement_id
      )::text[] as earlier
    from (select generate_series(${from}::text::date, ${to}::text::date - 1, interval '1 day')::date as date) d
    left join s on s.date = d.date
    left join analytics_shop a on a.shop_id = ${shopId} and a.date = d.date
    left join analytics_days k on k.shop_id = ${shopId} and k.stream = 'shop' and k.date = d.date
    order by d.date`;
  return [...rows];
}

/** For days that differ, their orders where days are cut at another offset, if that fits TikTok's figures better. */
async function readOtherZones(
  reading: Reading,
  days: readonly DayRow[],
): Promise<(day: Day) => OrderSums | null> {
  const { tx, till, from, to } = reading;
  const { shopId, currency } = till;
  const known = days.filter(({ tiktok }) => tiktok !== null);
  if (known.every(({ orders, tiktok }) => Number(subtractDecimals(orders, tiktok ?? orders)) === 0)) {
    return () => null;
  }
  // Every offset there is, in half hours.
  const rows = await tx<OffsetRow[]>`
    with half_hours as (
      select date_bin('30 minutes', paid_at at time zone 'UTC', '2000-01-01') as start, is_cancelled, sum(amount) as amount
      from (${paidOrders(tx, till, reading)}) paid group by 1, 2
    ), s as (
      select minutes, (start + make_interval(mins => minutes))::date as date, ${sums(tx, currency)}
      from half_hours, generate_series(-720, 840, 30) as minutes group by 1, 2
    )
    select s.minutes, s.date::text as date, s.orders, s.cancelled, ${agreement(tx)}
    from s join analytics_shop a on a.shop_id = ${shopId} and a.date = s.date
    where s.date >= ${from}::text::date and s.date < ${to}::text::date and a.gmv is not null
    order by s.minutes, s.date`;
  const atOffset = new Map<number, Map<Day, OffsetRow>>();
  for (const row of rows) {
    const ofOffset = atOffset.get(row.minutes) ?? new Map<Day, OffsetRow>();
    atOffset.set(row.minutes, ofOffset.set(row.date, row));
  }
  const agreements = {
    inShopZone: new Set(known.filter(({ agrees }) => agrees).map(({ date }) => date)),
    atOffset: new Map(
      [...atOffset].map(([minutes, ofOffset]) => [
        minutes,
        new Set([...ofOffset.values()].filter(({ agrees }) => agrees).map(({ date }) => date)),
      ]),
    ),
  };
  return (day) => {
    const minutes = fittingOffset(day, agreements);
    return minutes === null ? null : (atOffset.get(minutes)?.get(day) ?? null);
  };
}
