import type postgres from 'postgres';
import type { HeldSums, Period } from '../../analytics/cover.ts';
import {
  declarationOf,
  type Metric,
  rowNames,
  type StreamDeclaration,
  type StreamName,
} from '../../analytics/streams.ts';
import type { Transaction } from '../pool.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** What of the figures is asked for. */
export interface FiguresQuery {
  stream: StreamName;
  shopIds: readonly string[];
  periods: readonly Period[];
  /** Stored metrics; ratios are named by their terms. */
  metrics: readonly string[];
  /** Only these keys: a list for each column of the key. */
  only?: Readonly<Record<string, readonly string[]>>;
  heldSums: HeldSumsByShop;
}

/** For each shop the sums that are held; null for streams without. */
export type HeldSumsByShop = ReadonlyMap<string, HeldSums> | null;

export async function readHeldSums(
  tx: Transaction,
  stream: StreamName,
  shopIds: readonly string[],
): Promise<HeldSumsByShop> {
  if (declarationOf(stream).toDate === null) return null;
  const rows = await tx<(HeldSums & { shop_id: string })[]>`
    select shop_id,
      coalesce((select array_agg(until::text order by until) from analytics_boundaries b
        where b.shop_id = s.shop_id and b.stream = ${stream}), '{}') as boundaries,
      coalesce((select array_agg(date::text order by date) from analytics_days d
        where d.shop_id = s.shop_id and d.stream = ${stream} and not d.summed), '{}') as unsummed
    from unnest(${[...shopIds]}::text[]) as s (shop_id)`;
  return new Map(rows.map(({ shop_id: shopId, ...held }) => [shopId, held]));
}

export function metricOf(declaration: StreamDeclaration, name: string): Metric {
  const metric = declaration.metrics[name];
  if (metric === undefined) throw new TypeError(`${declaration.table} has no metric ${name}.`);
  return metric;
}

/** Metrics as sums since New Year hold them. */
export interface SummedMetrics {
  /** Those that are added up; a figure of one day alone is none. */
  summed: string[];
  /** Of these, those that TikTok may leave out: `…_days` counts the days that told them. */
  counted: string[];
}

export function summedMetrics({ stream, metrics }: FiguresQuery): SummedMetrics {
  const declaration = declarationOf(stream);
  const summed = metrics.filter((name) => metricOf(declaration, name).kind !== 'daily');
  return { summed, counted: summed.filter((name) => !('always' in metricOf(declaration, name))) };
}

/** Each metric as a column, null where no day told it; `total` writes the whole of a summed column. */
export function metricsOfTotals(
  { metrics }: FiguresQuery,
  { summed, counted }: SummedMetrics,
  total: (column: string) => string,
): string[] {
  return metrics.map((name) => {
    if (!summed.includes(name)) return `null::numeric as ${name}`;
    return counted.includes(name)
      ? `case when ${total(`${name}_days`)} > 0 then ${total(name)} end as ${name}`
      : `${total(name)} as ${name}`;
  });
}

/** What is the same in all rows need not be told apart for each of tens of thousands: a third of the time. */
export function splitNames(
  tx: Transaction,
  { stream, periods, shopIds }: FiguresQuery,
): { fixed: Fragment; varying: string[] } {
  const [period, ...periodsMore] = periods;
  const [shopId, ...shopsMore] = shopIds;
  const names = rowNames(declarationOf(stream));
  const known = new Map<string, string>([
    ...(period !== undefined && periodsMore.length === 0 ? [['label', period.label] as const] : []),
    ...(shopId !== undefined && shopsMore.length === 0 ? [['shop_id', shopId] as const] : []),
  ]);
  const fixed = names.flatMap((name) => {
    const value = known.get(name);
    return value === undefined ? [] : [tx`${value}::text as ${tx.unsafe(name)},`];
  });
  return {
    fixed: fixed.reduce((some, more) => tx`${some} ${more}`, tx``),
    varying: names.filter((name) => !known.has(name)),
  };
}

/** Only the keys that are asked for, of the table `t`. */
export function onlyKeys(tx: Transaction, { stream, only }: FiguresQuery): Fragment {
  const columns = declarationOf(stream).keys.filter(([name]) => only?.[name] !== undefined);
  return columns.reduce(
    (some, [name, type]) =>
      tx`${some} and ${tx.unsafe(`t.${name}`)} = any(${[...(only?.[name] ?? [])]}::text[]::${tx.unsafe(type)}[])`,
    tx``,
  );
}
