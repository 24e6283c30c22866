import type postgres from 'postgres';
import { addDays, type Day } from '../../analytics/calendar.ts';
import type { Cover } from '../../analytics/cover.ts';
import { declarationOf } from '../../analytics/streams.ts';
import type { Transaction } from '../pool.ts';
import { type FiguresQuery, metricsOfTotals, onlyKeys, splitNames, summedMetrics } from './figures-query.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Whether all that is read has its keys in sums that are added: one shop's whole period, all of it in the sums. */
export function canBeJoined({ periods, heldSums }: FiguresQuery, { sums }: Cover): boolean {
  if (periods.length !== 1 || sums.length === 0) return false;
  return [...(heldSums?.values() ?? [])].every(({ unsummed }) =>
    unsummed.every((day) => periods.every(({ from, to }) => day < from || day >= to)),
  );
}

interface Part {
  alias: string;
  added: boolean;
  rows: Fragment;
  /** Of a day, in place of sums. */
  isDay: boolean;
}

/**
 * One period of one shop: the sums that are added, and beside each key of theirs what is added to it or taken away.
 * Rows of one boundary or day lie in the order of their keys, so that they are joined as they are read: half of the
 * time of putting them all together and grouping them.
 */
export function joinedFigures(tx: Transaction, query: FiguresQuery, { sums, days }: Cover): Fragment {
  const declaration = declarationOf(query.stream);
  const keys = declaration.keys.map(([name]) => name).join(', ');
  const metrics = summedMetrics(query);
  const { summed, counted } = metrics;
  const [shopId] = query.shopIds;
  const ofSums = tx.unsafe([keys, 'days', ...summed, ...counted.map((name) => `${name}_days`)].join(', '));
  const ofDays = tx.unsafe([keys, ...summed].join(', '));
  const parts: Part[] = [
    ...sums.map(({ added, until }, nth) => ({
      alias: `s${nth}`,
      added,
      isDay: false,
      rows: tx`select ${ofSums} from ${tx(declaration.toDate ?? '')} t
        where t.shop_id = ${shopId ?? ''} and t.until = ${until} ${onlyKeys(tx, query)}`,
    })),
    ...days.flatMap(eachDay).map(({ added, day }, nth) => ({
      alias: `d${nth}`,
      added,
      isDay: true,
      rows: tx`select ${ofDays} from ${tx(declaration.table)} t
        where t.shop_id = ${shopId ?? ''} and t.date = ${day} ${onlyKeys(tx, query)}`,
    })),
  ];
  const [first, ...others] = [...parts.filter(hasAllKeys), ...parts.filter((part) => !hasAllKeys(part))];
  if (first === undefined) throw new Error('No sums are added that could be joined to.');
  const joined = others.reduce(
    (some, part) =>
      tx`${some} ${tx.unsafe(hasAllKeys(part) ? 'full' : 'left')} join (${part.rows}) ${tx.unsafe(part.alias)} using (${tx.unsafe(keys)})`,
    tx`(${first.rows}) ${tx.unsafe(first.alias)}`,
  );
  const [key] = declaration.keys[0] ?? [''];
  const total = (column: string, ofDay: (alias: string) => string): string =>
    `${parts
      .map(({ alias, added, isDay }) => {
        const value = isDay ? ofDay(alias) : `coalesce(${alias}.${column}, 0)`;
        return `${added ? '+' : '-'} ${value}`;
      })
      .join(' ')} as ${column}`;
  const totals = [
    total('days', (alias) => `(${alias}.${key} is not null)::int`),
    ...summed.map((name) => total(name, (alias) => `coalesce(${alias}.${name}, 0)`)),
    ...counted.map((name) => total(`${name}_days`, (alias) => `(${alias}.${name} is not null)::int`)),
  ];
  const { fixed, varying } = splitNames(tx, query);
  const values = metricsOfTotals(query, metrics, (column) => column);
  // `offset 0`: what is filtered and ordered by is computed once.
  return tx`
    select ${fixed} ${tx.unsafe([...varying, ...values].join(', '))}
    from (select ${tx.unsafe([keys, ...totals].join(', '))} from ${joined} offset 0) whole
    where days > 0`;
}

const hasAllKeys = ({ added, isDay }: Part): boolean => added && !isDay;

function eachDay({ added, from, to }: Cover['days'][number]): { added: boolean; day: Day }[] {
  const days: { added: boolean; day: Day }[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push({ added, day });
  return days;
}
