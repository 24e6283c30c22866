import { type Column, unnestClause } from '../db/column-arrays.ts';
import { metricColumns, type StreamDeclaration } from './streams.ts';
import { addDifferenceToSums } from './to-date.ts';

/** What a day's rows are sent with, in this order. */
export function rowColumns(declaration: StreamDeclaration): Column[] {
  return [
    ...declaration.keys,
    ...declaration.attributes,
    ...metricColumns(declaration),
    ['page_id', 'bigint'],
    ['page_index', 'integer'],
  ];
}

const listed = (names: readonly string[]): string => names.join(', ');
const of = (alias: string, names: readonly string[]): string[] => names.map((name) => `${alias}.${name}`);
const same = (left: string, right: string, names: readonly string[]): string =>
  ['true', ...names.map((name) => `${left}.${name} = ${right}.${name}`)].join(' and ');

export interface WrittenDay {
  written: number;
  removed: number;
  restated: number;
}

/** Writes a day of which nothing is stored: $1 shop, $2 date, then a list a column. */
export function firstDayStatement(declaration: StreamDeclaration): string {
  const columns = rowColumns(declaration).map(([name]) => name);
  const keys = declaration.keys.map(([name]) => name);
  return `
    with written as (
      insert into ${declaration.table} (shop_id, date, ${listed(columns)})
      select $1, $2::date, ${listed(columns)} from ${unnestClause(rowColumns(declaration), 'incoming', 3)}
      ${keys.length === 0 ? '' : `order by ${listed(keys)}`}
      returning 1)
    select count(*) as written, 0::bigint as removed, 0::bigint as restated from written`;
}

/**
 * Writes a day that was read before: $1 shop, $2 stream, $3 date, $4 run, $5 upstream's clock, $6 the boundaries whose
 * sums hold the day; then a list a column. Rows that are as they were are left alone, rows that are gone are deleted,
 * every other difference goes to the restatements and, as what is added or taken away, to the sums since New Year. All
 * parts see the table as it was before.
 */
export function dayStatement(declaration: StreamDeclaration): string {
  const { table, toDate } = declaration;
  const keys = declaration.keys.map(([name]) => name);
  const metrics = metricColumns(declaration).map(([name]) => name);
  const values = [...declaration.attributes.map(([name]) => name), ...metrics];
  const stored = [...values, 'page_id', 'page_index'];
  const columns = rowColumns(declaration).map(([name]) => name);
  const conflict = listed(['shop_id', 'date', ...keys]);
  const key = keys.length === 0 ? `''` : `concat_ws('/', ${listed(keys)})`;
  const sides = (before: string[], after: string[]): string[] => [
    ...before.map((value, index) => `${value} as old_${metrics[index]}`),
    ...after,
  ];
  const none = metrics.map(() => 'null');

  const parts = [
    'boundaries as (select unnest($6::text::date[]) as until)',
    `incoming as materialized (select * from ${unnestClause(rowColumns(declaration), 'incoming', 7)})`,
    `written as (
      insert into ${table} (shop_id, date, ${listed(columns)})
      select $1, $3::date, ${listed(columns)} from incoming ${keys.length === 0 ? '' : `order by ${listed(keys)}`}
      on conflict (${conflict}) do update set ${listed(stored.map((name) => `${name} = excluded.${name}`))}
      where ${values.length === 0 ? 'false' : `(${listed(of(table, values))}) is distinct from (${listed(of('excluded', values))})`}
      returning ${listed([...of(table, keys), ...of(table, metrics)])}
    )`,
    `removed as (
      delete from ${table} gone where shop_id = $1 and date = $3::date
        and not exists (select from incoming where ${same('incoming', 'gone', keys)})
      returning ${listed([...of('gone', keys), ...of('gone', metrics)])}
    )`,
    `difference as materialized (
      select ${listed([...of('written', keys), ...sides(of('before', metrics), of('written', metrics)), `1 - (before.shop_id is not null)::int as days`])}
      from written left join ${table} before
        on before.shop_id = $1 and before.date = $3::date and ${same('before', 'written', keys)}
      union all
      select ${listed([...of('removed', keys), ...sides(of('removed', metrics), none), '-1'])} from removed
    )`,
    `restated as (
      insert into analytics_restatements (shop_id, stream, date, key, field, old, new, seen_at, run_id)
      select $1, $2, $3::date, ${key}, field, old, new, $5::timestamptz, $4
      from difference, lateral (values ${listed(
        metrics.map((name) => `('${name}', old_${name}::numeric, ${name}::numeric)`),
      )}) figures (field, old, new)
      where old is distinct from new
      returning 1
    )`,
    ...(toDate === null ? [] : [`summed as (${addDifferenceToSums(declaration)})`]),
  ];
  return `with ${parts.join(',\n')}
    select (select count(*) from written) as written, (select count(*) from removed) as removed,
      (select count(*) from restated) as restated`;
}
