import { addDays, type Day } from '../../analytics/calendar.ts';
import { shopToday } from '../../analytics/shop-calendar.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type Coverage, readCoverage } from './analytics-coverage.ts';
import { changeOf } from './analytics-rows.ts';
import { readTill } from './paid-orders.ts';
import { type PaidFigures, readPaidPeriods } from './paid-periods.ts';

export interface KeyFigures extends PaidFigures {
  /** What TikTok told of the days; null where none was read. */
  tiktok_gmv: string | null;
}

/** The figures of the days before today, beside as many before these. */
export interface Kpis extends KeyFigures {
  start_date: Day;
  end_date: Day;
  days: number;
  currency: string | null;
  previous: KeyFigures;
  /** In percent of `previous`. */
  change: Record<keyof KeyFigures, number | null>;
  coverage: Coverage[];
}

/**
 * The key figures of the last whole days.
 *
 * @param now in milliseconds
 */
export function readKpis(
  scope: ShopScope,
  sql: Sql,
  { days, now }: { days: number; now: number },
): Promise<Kpis> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const today = await shopToday(tx, scope.shopId, now);
    const from = addDays(today, -days);
    const before = addDays(from, -days);
    const till = await readTill(scope, tx);
    const periods = [
      { label: 'previous', from: before, to: from },
      { label: 'now', from, to: today },
    ];
    const paid = new Map((await readPaidPeriods(tx, till, periods)).map((row) => [row.label, row]));
    const figures = async (label: string, first: Day, behind: Day): Promise<KeyFigures> => {
      const found = paid.get(label);
      if (found === undefined) throw new Error('A period was lost.');
      const { label: _, ...sums } = found;
      return { ...sums, tiktok_gmv: await readTiktokGmv(scope, tx, first, behind) };
    };
    const current = await figures('now', from, today);
    const previous = await figures('previous', before, from);
    const names = Object.keys(current) as (keyof KeyFigures)[];
    return {
      ...{ start_date: from, end_date: addDays(today, -1), days, currency: till.currency },
      ...current,
      previous,
      change: Object.fromEntries(
        names.map((name) => [name, changeOf(current[name], previous[name])]),
      ) as Kpis['change'],
      coverage: await readCoverage(tx, [scope.shopId], { stream: 'shop', from, to: today }),
    };
  });
}

async function readTiktokGmv(
  { shopId }: ShopScope,
  tx: Transaction,
  from: Day,
  to: Day,
): Promise<string | null> {
  const [sum] = await tx<{ gmv: string | null }[]>`
    select sum(gmv) as gmv from analytics_shop where shop_id = ${shopId} and date >= ${from} and date < ${to}`;
  return sum?.gmv ?? null;
}
