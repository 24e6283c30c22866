import { addDays, addYears, type Day, daysBetween, type Granularity } from '../../analytics/calendar.ts';
import { type Period, periodsOf } from '../../analytics/cover.ts';
import { declarationOf, isMoney, rowNames, type StreamName } from '../../analytics/streams.ts';
import { type ExactNumber, exactNumber } from '../../exact-number.ts';
import type { Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type DescriptionFilters, descriptionOf } from './analytics-descriptions.ts';
import { figures, metricExpression, storedTerms } from './analytics-figures.ts';
import type { HeldSumsByShop } from './figures-query.ts';

/** A list of figures: which rows, and in which order. It is plain data, so that it can be kept and asked again. */
export interface AnalyticsList {
  stream: StreamName;
  /** Further shops that are summed with the one that is asked; of the same currency. */
  others: readonly ShopScope[];
  /** Days from `from` up to, and without, `to`. */
  from: Day;
  to: Day;
  /** Null: one row a key over all days. */
  granularity: Granularity | null;
  filters: AnalyticsFilters;
  /** `date` (of the period) or a metric; ties go by date and key. */
  sort: string;
  direction: 'asc' | 'desc';
  compare: Comparison | null;
  currency: string | null;
}

/** What a range is compared with: as many days before it, or the same days a year before. */
export type Comparison = 'previous_period' | 'previous_year';

export interface AnalyticsFilters extends DescriptionFilters {
  /** At least this much GMV in the whole row. */
  min_gmv?: string | undefined;
  /** Only rows with these keys, by column. */
  keys?: Readonly<Record<string, string>> | undefined;
}

/** Where a page ended: the sorted value, and what tells its row apart, as PostgreSQL writes them. */
export interface AnalyticsPosition {
  value: string | null;
  row: readonly string[];
}

export type Figure = string | number | ExactNumber | null;

export interface AnalyticsRow {
  /** Where the list is compared. */
  previous?: Record<string, Figure>;
  change?: Record<string, Figure>;
  [field: string]: Figure | Record<string, Figure> | undefined;
}

/** A list that is being read from the one state of the database that the transaction sees. */
export interface Reading {
  tx: Transaction;
  list: AnalyticsList;
  shopIds: readonly string[];
  heldSums: HeldSumsByShop;
}

/** Rows with what is known of them, in the order given. */
export async function describeRows(
  reading: Reading,
  positions: readonly AnalyticsPosition[],
): Promise<AnalyticsRow[]> {
  const { list } = reading;
  if (positions.length === 0) return [];
  const labels = new Set(positions.map(({ row }) => row[0]));
  const periods = periodsOf(list.from, list.to, list.granularity).filter(({ label }) => labels.has(label));
  const now = await readRows(reading, { periods, positions });
  const before =
    list.compare === null
      ? null
      : await readRows(reading, { periods: periods.map(earlier(list)), positions });
  return positions.map(({ row }) => {
    const id = JSON.stringify(row);
    const found = now.get(id);
    if (found === undefined) throw new Error(`${list.stream} lost a row within one state of the database.`);
    return present(list, row, found, before === null ? undefined : (before.get(id) ?? {}));
  });
}

/** The period that one is compared with, under the same label. */
export function earlier({
  from,
  to,
  compare,
}: Pick<AnalyticsList, 'from' | 'to' | 'compare'>): (period: Period) => Period {
  const length = daysBetween(from, to);
  return (period) => {
    if (compare === 'previous_period') {
      return { ...period, from: addDays(period.from, -length), to: addDays(period.to, -length) };
    }
    const start = addYears(period.from, -1);
    // The 28th and the 29th of February would else be no day, or two.
    const isDay = daysBetween(period.from, period.to) === 1;
    return { ...period, from: start, to: isDay ? addDays(start, 1) : addYears(period.to, -1) };
  };
}

/** The days that those of a list are compared with, all of them together. */
export function daysBefore<List extends Pick<AnalyticsList, 'from' | 'to' | 'compare'>>(list: List): List {
  const { from, to } = earlier(list)({ label: '', from: list.from, to: list.to });
  return { ...list, from, to };
}

async function readRows(
  { tx, list, shopIds, heldSums }: Reading,
  { periods, positions }: { periods: readonly Period[]; positions: readonly AnalyticsPosition[] },
): Promise<Map<string, Record<string, string | number | null>>> {
  const { stream } = list;
  const declaration = declarationOf(stream);
  const names = rowNames(declaration);
  const metrics = Object.keys(declaration.metrics);
  const { joins, columns } = descriptionOf(stream);
  const only = declaration.keys.map(([name]) => {
    const index = names.indexOf(name);
    return [name, [...new Set(positions.map(({ row }) => row[index] ?? ''))]] as const;
  });
  const rows = figures(tx, {
    stream,
    shopIds,
    heldSums,
    periods,
    metrics: storedTerms(declaration, metrics),
    only: Object.fromEntries(only),
  });
  const selected = [
    ...names.map((name) => `f.${name}::text as row_${name}`),
    ...columns.map(([name, expression]) => `${expression} as ${name}`),
    ...metrics.map((name) => `(${metricExpression(declaration, name, list.currency)})::text as ${name}`),
  ];
  const found = await tx<Record<string, string | number | null>[]>`
    select ${tx.unsafe(selected.join(', '))} from (${rows}) f ${tx.unsafe(joins)}`;
  return new Map(found.map((row) => [JSON.stringify(names.map((name) => row[`row_${name}`])), row]));
}

/** A row as the API shows it: period, keys, descriptions, figures, and what it is compared with. */
function present(
  { stream, granularity, compare }: AnalyticsList,
  row: readonly string[],
  found: Readonly<Record<string, string | number | null>>,
  before: Readonly<Record<string, string | number | null>> | undefined,
): AnalyticsRow {
  const declaration = declarationOf(stream);
  const types = new Map(declaration.keys);
  const metrics = Object.keys(declaration.metrics);
  const figure = (name: string, value: string | number | null | undefined): Figure => {
    if (value === null || value === undefined) return null;
    return isMoney(declaration, name) ? String(value) : exactNumber(String(value));
  };
  const shown: AnalyticsRow = {};
  for (const [index, name] of rowNames(declaration).entries()) {
    const value = row[index] ?? '';
    if (name !== 'label') shown[name] = showKey(types.get(name), value);
    else if (granularity !== null) shown.date = value;
  }
  for (const [name] of descriptionOf(stream).columns) shown[name] = found[name] ?? null;
  for (const name of metrics) shown[name] = figure(name, found[name]);
  if (compare === null) return shown;
  const summed = metrics.map((name) => [name, before?.[name] ?? null] as const);
  return {
    ...shown,
    previous: Object.fromEntries(summed.map(([name, value]) => [name, figure(name, value)])),
    change: Object.fromEntries(summed.map(([name, value]) => [name, changeOf(found[name] ?? null, value)])),
  };
}

function showKey(type: string | undefined, value: string): Figure {
  if (type === 'smallint' || type === 'integer') return Number(value);
  return type === 'timestamptz' ? new Date(value).toISOString() : value;
}

/** By how much a figure grew, in percent with two decimals; null where either is not known, or it grew from nothing. */
export function changeOf(now: string | number | null, before: string | number | null): number | null {
  if (now === null || before === null || Number(before) === 0) return null;
  return Math.round(((Number(now) - Number(before)) / Math.abs(Number(before))) * 10_000) / 100;
}
