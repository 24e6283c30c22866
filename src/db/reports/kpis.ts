import { addDays, addYears, type Day, daysBetween } from '../../analytics/calendar.ts';
import { type AskedDays, daysOf } from '../../analytics/shop-calendar.ts';
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

/** The figures of some days, beside those of other days. */
export interface Kpis extends KeyFigures {
  start_date: Day;
  end_date: Day;
  days: number;
  currency: string | null;
  previous: KeyFigures;
  /** In percent of `previous`. */
  change: Record<keyof KeyFigures, number | null>;
  coverage: Coverage[];
  previous_coverage: Coverage[];
}

/**
 * The key figures of some days, or of the last whole ones.
 *
 * @param compare with as many days before, which is the default, or with the same days a year before
 */
export function readKpis(
  scope: ShopScope,
  sql: Sql,
  { compare, ...asked }: AskedDays & { compare?: 'previous_period' | 'previous_year' },
): Promise<Kpis> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const { from, to } = await daysOf(tx, scope.shopId, asked);
    const days = daysBetween(from, to);
    const before =
      compare === 'previous_year'
        ? { from: addYears(from, -1), to: addYears(to, -1) }
        : { from: addDays(from, -days), to: from };
    const till = await readTill(scope, tx);
    const periods = [
      { label: 'previous', ...before },
      { label: 'now', from, to },
    ];
    const paid = new Map((await readPaidPeriods(tx, till, periods)).map((row) => [row.label, row]));
    const figures = async (label: string, first: Day, behind: Day): Promise<KeyFigures> => {
      const found = paid.get(label);
      if (found === undefined) throw new Error('A period was lost.');
      const { label: _, ...sums } = found;
      return { ...sums, tiktok_gmv: await readTiktokGmv(scope, tx, first, behind) };
    };
    const current = await figures('now', from, to);
    const previous = await figures('previous', before.from, before.to);
    const names = Object.keys(current) as (keyof KeyFigures)[];
    return {
      ...{ start_date: from, end_date: addDays(to, -1), days, currency: till.currency },
      ...current,
      previous,
      change: Object.fromEntries(
        names.map((name) => [name, changeOf(current[name], previous[name])]),
      ) as Kpis['change'],
      coverage: await readCoverage(tx, [scope.shopId], { stream: 'shop', from, to }),
      previous_coverage: await readCoverage(tx, [scope.shopId], { stream: 'shop', ...before }),
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
