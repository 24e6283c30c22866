import type postgres from 'postgres';
import { type Cover, cover, type HeldSums } from '../../analytics/cover.ts';
import { declarationOf, isMoney, type StreamDeclaration } from '../../analytics/streams.ts';
import type { Transaction } from '../pool.ts';
import {
  type FiguresQuery,
  metricOf,
  metricsOfTotals,
  onlyKeys,
  splitNames,
  summedMetrics,
} from './figures-query.ts';
import { canBeJoined, joinedFigures } from './joined-figures.ts';
import { currencyDigits } from './money.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

const nothingHeld: HeldSums = { boundaries: [], unsummed: [] };

/**
 * The figures of each period and key, summed over its days: columns {@link rowNames} and the metrics asked for. A
 * metric that no day told is null, and so is a figure of one day alone where there are several.
 */
export function figures(tx: Transaction, query: FiguresQuery): Fragment {
  const { heldSums } = query;
  const covers = query.shopIds.map((shopId) => ({
    shopId,
    ...cover(query.periods, heldSums === null ? null : (heldSums.get(shopId) ?? nothingHeld)),
  }));
  const [only, ...others] = covers;
  if (only !== undefined && others.length === 0 && canBeJoined(query, only)) {
    return joinedFigures(tx, query, only);
  }
  const pieces: Pieces = {
    sums: covers.flatMap(({ shopId, sums }) => sums.map((piece) => ({ ...piece, shopId }))),
    days: covers.flatMap(({ shopId, days }) => days.map((piece) => ({ ...piece, shopId }))),
  };
  return pieces.sums.length === 0 ? ofDays(tx, query, pieces) : ofSumsAndDays(tx, query, pieces);
}

/** What is read of each shop. */
interface Pieces {
  sums: (Cover['sums'][number] & { shopId: string })[];
  days: (Cover['days'][number] & { shopId: string })[];
}

/** The days themselves, added up. */
function ofDays(tx: Transaction, query: FiguresQuery, { days }: Pieces): Fragment {
  const declaration = declarationOf(query.stream);
  const sums = query.metrics.map((name) =>
    metricOf(declaration, name).kind === 'daily'
      ? `case when count(*) = 1 then max(d.${name}) end as ${name}`
      : `sum(d.${name}) as ${name}`,
  );
  const { fixed, varying } = splitNames(tx, query);
  const shown = varying.map((name) => (name === 'label' ? 'p.label' : `d.${name}`));
  return tx`
    select ${fixed} ${tx.unsafe([...shown, ...sums, 'count(*) as days'].join(', '))}
    from ${periodsAsTable(tx, days)}, ${daysOf(tx, query, 'd')}
    group by ${tx.unsafe(['()', ...shown].slice(shown.length === 0 ? 0 : 1).join(', '))} having count(*) > 0`;
}

/** Sums since New Year and days, added and taken away. */
function ofSumsAndDays(tx: Transaction, query: FiguresQuery, pieces: Pieces): Fragment {
  const declaration = declarationOf(query.stream);
  const metrics = summedMetrics(query);
  const { summed, counted } = metrics;
  const signed = (value: string, name: string) =>
    `case when p.added then ${value} else -${value} end as ${name}`;
  const { fixed, varying } = splitNames(tx, query);
  const keys = varying.map((name) => (name === 'label' ? 'p.label' : `s.${name}`)).join(', ');
  const ownNames = varying.filter((name) => name !== 'label');
  const fromSums = [
    signed('s.days', 'days'),
    ...summed.map((name) => signed(`s.${name}`, name)),
    ...counted.map((name) => signed(`s.${name}_days`, `${name}_days`)),
  ];
  const fromDays = [
    signed('1', 'days'),
    ...summed.map((name) => signed(`coalesce(s.${name}, 0)`, name)),
    ...counted.map((name) => signed(`(s.${name} is not null)::int`, `${name}_days`)),
  ];
  const values = metricsOfTotals(query, metrics, (column) => `sum(${column})`);
  const held = ['days', ...ownNames, ...summed, ...counted.map((name) => `${name}_days`)];
  return tx`
    select ${fixed} ${tx.unsafe([...varying, ...values].join(', '))}
    from (
      select ${tx.unsafe([keys, ...fromSums].join(', '))}
      from ${sumsAsTable(tx, pieces.sums)}, lateral (
        select ${tx.unsafe(held.map((name) => `t.${name}`).join(', '))}
        from ${tx(declaration.toDate ?? '')} t
        where t.shop_id = p.shop_id and t.until = p.until ${onlyKeys(tx, query)} offset 0) s
      union all
      select ${tx.unsafe([keys, ...fromDays].join(', '))}
      from ${periodsAsTable(tx, pieces.days)}, ${daysOf(tx, query, 's')}
    ) pieces
    group by ${tx.unsafe(varying.join(', '))} having sum(days) > 0`;
}

function periodsAsTable(tx: Transaction, days: Pieces['days']): Fragment {
  return tx`unnest(${days.map(({ label }) => label)}::text[], ${days.map(({ shopId }) => shopId)}::text[],
    ${days.map(({ added }) => String(added))}::text[]::boolean[], ${days.map(({ from }) => from)}::text[]::date[],
    ${days.map(({ to }) => to)}::text[]::date[]) as p (label, shop_id, added, first, behind)`;
}

function sumsAsTable(tx: Transaction, sums: Pieces['sums']): Fragment {
  return tx`unnest(${sums.map(({ label }) => label)}::text[], ${sums.map(({ shopId }) => shopId)}::text[],
    ${sums.map(({ added }) => String(added))}::text[]::boolean[], ${sums.map(({ until }) => until)}::text[]::date[])
    as p (label, shop_id, added, until)`;
}

/** The days of each piece `p`. `offset 0` keeps the planner from reading the whole table once for all pieces. */
function daysOf(tx: Transaction, query: FiguresQuery, alias: string): Fragment {
  const read = [...splitNames(tx, query).varying.filter((name) => name !== 'label'), ...query.metrics];
  return tx`lateral (
    select ${tx.unsafe(read.map((name) => `t.${name}`).join(', '))} from ${tx(declarationOf(query.stream).table)} t
    where t.shop_id = p.shop_id and t.date >= p.first and t.date < p.behind ${onlyKeys(tx, query)} offset 0
  ) ${tx.unsafe(alias)}`;
}

/** A metric of the rows of {@link figures}, as SQL; a ratio is rounded, half up, to the digits of its kind. */
export function metricExpression(
  declaration: StreamDeclaration,
  name: string,
  currency: string | null,
): string {
  const metric = metricOf(declaration, name);
  if (metric.kind !== 'ratio') return `f.${name}`;
  const digits = isMoney(declaration, name) ? currencyDigits(currency) : metric.percentage ? 2 : 4;
  const times = metric.percentage ? 100 : (metric.times ?? 1);
  return `round(f.${metric.of}::numeric * ${times} / nullif(f.${metric.to}, 0), ${digits})`;
}

/** The stored metrics that metrics are made of. */
export function storedTerms(declaration: StreamDeclaration, names: readonly string[]): string[] {
  const terms = names.flatMap((name) => {
    const metric = metricOf(declaration, name);
    return metric.kind === 'ratio' ? [metric.of, metric.to] : [name];
  });
  return [...new Set(terms)];
}
