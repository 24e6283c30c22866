import type postgres from 'postgres';
import { periodsOf } from '../../analytics/cover.ts';
import { declarationOf, rowNames } from '../../analytics/streams.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type Coverage, readCoverage } from './analytics-coverage.ts';
import { descriptionOf, whereDescribed } from './analytics-descriptions.ts';
import { figures, metricExpression, storedTerms } from './analytics-figures.ts';
import {
  type AnalyticsList,
  type AnalyticsPosition,
  type AnalyticsRow,
  daysBefore,
  describeRows,
  type Reading,
} from './analytics-rows.ts';
import { readHeldSums } from './figures-query.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

export interface AnalyticsPage {
  rows: AnalyticsRow[];
  /** Where the next page begins; null on the last one. */
  next: AnalyticsPosition | null;
  total?: number;
  coverage: Coverage[];
  /** Of the days that are compared with, where they are. */
  previousCoverage?: Coverage[];
}

/** One page of a list, from one state of the database. */
export function listAnalytics(
  scope: ShopScope,
  sql: Sql,
  list: AnalyticsList,
  page: { limit: number; after: AnalyticsPosition | null; withTotal: boolean },
): Promise<AnalyticsPage> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const reading = await beginReading(scope, tx, list);
    const found = await tx<FoundRow[]>`${findRows(reading, page.after)} limit ${page.limit + 1}`;
    const shown = found.slice(0, page.limit).map(positionOf(list));
    const rows = await describeRows(reading, shown);
    const next = found.length > page.limit ? (shown.at(-1) ?? null) : null;
    const coverage = {
      coverage: await readCoverage(tx, reading.shopIds, list),
      ...(list.compare === null
        ? {}
        : { previousCoverage: await readCoverage(tx, reading.shopIds, daysBefore(list)) }),
    };
    if (!page.withTotal) return { rows, next, ...coverage };
    const [counted] = await tx<{ total: number }[]>`
      select count(*) as total from (${findRows(reading, null)}) found`;
    return { rows, next, ...coverage, total: counted?.total ?? 0 };
  });
}

/** All rows of a list in batches, from the one state of the database that the transaction sees. */
export async function* eachAnalyticsRows(
  scope: ShopScope,
  tx: Transaction,
  list: AnalyticsList,
  batch = 1000,
): AsyncGenerator<AnalyticsRow[]> {
  const reading = await beginReading(scope, tx, list);
  await tx`declare analytics_rows no scroll cursor for ${findRows(reading, null)}`;
  while (true) {
    // Never prepared: the same words fetch other columns for another list.
    const found = await tx.unsafe<FoundRow[]>(`fetch ${batch} from analytics_rows`);
    if (found.length === 0) break;
    yield await describeRows(reading, found.map(positionOf(list)));
  }
  await tx`close analytics_rows`;
}

type FoundRow = { value: string | null } & Record<string, string>;

async function beginReading(scope: ShopScope, tx: Transaction, list: AnalyticsList): Promise<Reading> {
  const shopIds = [...new Set([scope, ...list.others].map(({ shopId }) => shopId))];
  return { tx, list, shopIds, heldSums: await readHeldSums(tx, list.stream, shopIds) };
}

function positionOf({ stream }: AnalyticsList): (row: FoundRow) => AnalyticsPosition {
  const names = rowNames(declarationOf(stream));
  return (row) => ({ value: row.value, row: names.map((name) => row[name] ?? '') });
}

/** The rows of a list in its order, without their figures: only what the order and the filters need is added up. */
function findRows({ tx, list, shopIds, heldSums }: Reading, after: AnalyticsPosition | null): Fragment {
  const { stream, filters, sort, direction } = list;
  const declaration = declarationOf(stream);
  const { min_gmv: minGmv, keys = {}, ...described } = filters;
  const needed = [...(sort === 'date' ? [] : [sort]), ...(minGmv === undefined ? [] : ['gmv'])];
  const rows = figures(tx, {
    stream,
    shopIds,
    heldSums,
    periods: periodsOf(list.from, list.to, list.granularity),
    metrics: storedTerms(declaration, needed),
    only: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, [key]])),
  });
  const names = rowNames(declaration).map((name) => `f.${name}`);
  const value = sort === 'date' ? 'f.label' : metricExpression(declaration, sort, list.currency);
  const isDescribed = Object.values(described).some((filter) => filter !== undefined);
  return tx`
    select ${tx.unsafe(names.map((name) => `${name}::text`).join(', '))}, (${tx.unsafe(value)})::text as value
    from (${rows}) f ${tx.unsafe(isDescribed ? descriptionOf(stream).joins : '')}
    where ${minGmv === undefined ? tx`true` : tx`f.gmv >= ${minGmv}::text::numeric`}
      and ${whereDescribed(tx, stream, described)} and ${after === null ? tx`true` : isBehind(tx, list, value, after)}
    order by ${tx.unsafe(value)} ${tx.unsafe(direction)} nulls last, ${tx.unsafe(names.join(', '))}`;
}

function isBehind(tx: Transaction, list: AnalyticsList, value: string, after: AnalyticsPosition): Fragment {
  const declaration = declarationOf(list.stream);
  const names = rowNames(declaration);
  const types = new Map(declaration.keys);
  const given = names.map((name, index) => {
    const type = tx.unsafe(types.get(name) ?? 'text');
    return tx`${after.row[index] ?? ''}::text::${type}`;
  });
  const row = given.reduce((some, more) => tx`${some}, ${more}`);
  const tied = tx`(${tx.unsafe(names.map((name) => `f.${name}`).join(', '))}) > (${row})`;
  const column = tx.unsafe(value);
  if (after.value === null) return tx`(${column} is null and ${tied})`;
  const type = tx.unsafe(list.sort === 'date' ? 'text' : 'numeric');
  const known = tx`${after.value}::text::${type}`;
  const beyond = list.direction === 'asc' ? tx`${column} > ${known}` : tx`${column} < ${known}`;
  return tx`(${beyond} or ${column} is null or (${column} = ${known} and ${tied}))`;
}
