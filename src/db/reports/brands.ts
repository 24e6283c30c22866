import type postgres from 'postgres';
import type { Day, Granularity } from '../../analytics/calendar.ts';
import { type Period, periodsOf } from '../../analytics/cover.ts';
import type { Sql, Transaction } from '../pool.ts';
import { searchPattern } from '../queries/find-orders.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type Coverage, readCoverage } from './analytics-coverage.ts';
import { type DescriptionFilters, descriptionOf, whereDescribed } from './analytics-descriptions.ts';
import { figures } from './analytics-figures.ts';
import { type Comparison, changeOf, daysBefore, earlier } from './analytics-rows.ts';
import { type HeldSumsByShop, readHeldSums } from './figures-query.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Which brands over which days, and in which order. Plain data. */
export interface BrandSelection {
  /** Further shops that are summed with the one that is asked; of the same currency. */
  others: readonly ShopScope[];
  currency: string | null;
  /** Days from `from` up to, and without, `to`. */
  from: Day;
  to: Day;
  /** Null: one row a brand over all days. */
  granularity: Granularity | null;
  sort: 'date' | 'gmv' | 'items_sold' | 'orders_count' | 'products';
  direction: 'asc' | 'desc';
  compare: Comparison | null;
  /** At least this much GMV in the row. */
  min_gmv?: string | undefined;
  /** Part of the brand's name, in any case. */
  search?: string | undefined;
  /** Which products are added up. */
  products: Pick<DescriptionFilters, 'status' | 'stock_below' | 'category' | 'brand'>;
}

/** What the products of a brand sold. */
export interface BrandFigures {
  gmv: string;
  items_sold: number;
  orders_count: number;
  /** Products that sold. */
  products: number;
}

export interface BrandRow extends BrandFigures {
  date?: Day;
  /** Null is what no brand is known of. */
  brand: string | null;
  currency: string | null;
  /** Where it is compared: the same of the period before, null where it had none. */
  previous?: Record<keyof BrandFigures, string | number | null>;
  /** In percent of `previous`. */
  change?: Record<keyof BrandFigures, number | null>;
}

/** Where a page ended: the sorted value, the first day of the period and the brand's name, as PostgreSQL writes them. */
export interface BrandPosition {
  value: string;
  date: string;
  brand: string;
}

type ComparedRow = BrandFigures & { date: Day; name: string };
type FoundRow = ComparedRow & { brand: string | null; value: string };

/** The rows of a selection behind a position, each with its own; `limit` null is all of them. */
export async function readBrands(
  scope: ShopScope,
  tx: Transaction,
  selection: BrandSelection,
  { after, limit }: { after: BrandPosition | null; limit: number | null },
): Promise<{ row: BrandRow; position: BrandPosition }[]> {
  const { sort, direction, granularity, currency, from, to } = selection;
  const reading = await beginReading(scope, tx, selection);
  const rows = await tx<FoundRow[]>`
    select date, brand, name, gmv, items_sold, orders_count, products, ${tx(sort)}::text as value
    from (${sumBrands(reading, periodsOf(from, to, granularity))}) b
    where ${atLeast(tx, selection)} and ${after === null ? tx`true` : isBehind(tx, selection, after)}
    order by ${tx(sort)} ${tx.unsafe(direction)}, date, name ${limit === null ? tx`` : tx`limit ${limit}`}`;
  const compared = await compareRows(reading, rows);
  return rows.map(({ date, brand, name, value, ...sums }) => ({
    row: {
      ...(granularity === null ? {} : { date }),
      ...{ brand, currency, ...sums },
      ...compared({ date, name, ...sums }),
    },
    position: { value, date, brand: name },
  }));
}

export interface BrandPage {
  rows: BrandRow[];
  /** Where the next page begins; null on the last one. */
  next: BrandPosition | null;
  total?: number;
  coverage: Coverage[];
  /** Of the days that are compared with, where they are. */
  previousCoverage?: Coverage[];
}

/** A page of brands, from one state of the database. */
export function listBrands(
  scope: ShopScope,
  sql: Sql,
  selection: BrandSelection,
  { after, limit, withTotal }: { after: BrandPosition | null; limit: number; withTotal: boolean },
): Promise<BrandPage> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const found = await readBrands(scope, tx, selection, { after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const shopIds = shopIdsOf(scope, selection);
    const known = { ...selection, stream: 'products' } as const;
    const page = {
      rows: shown.map(({ row }) => row),
      next: found.length > limit ? (shown.at(-1)?.position ?? null) : null,
      coverage: await readCoverage(tx, shopIds, known),
      ...(selection.compare === null
        ? {}
        : { previousCoverage: await readCoverage(tx, shopIds, daysBefore(known)) }),
    };
    return withTotal ? { ...page, total: await countBrands(scope, tx, selection) } : page;
  });
}

async function countBrands(scope: ShopScope, tx: Transaction, selection: BrandSelection): Promise<number> {
  const reading = await beginReading(scope, tx, selection);
  const periods = periodsOf(selection.from, selection.to, selection.granularity);
  const [counted] = await tx<{ total: number }[]>`
    select count(*) as total from (${sumBrands(reading, periods)}) b
    where ${atLeast(tx, selection)}`;
  return counted?.total ?? 0;
}

function shopIdsOf(scope: ShopScope, { others }: BrandSelection): string[] {
  return [...new Set([scope, ...others].map(({ shopId }) => shopId))];
}

interface Reading {
  tx: Transaction;
  selection: BrandSelection;
  shopIds: readonly string[];
  heldSums: HeldSumsByShop;
}

async function beginReading(scope: ShopScope, tx: Transaction, selection: BrandSelection): Promise<Reading> {
  const shopIds = shopIdsOf(scope, selection);
  return { tx, selection, shopIds, heldSums: await readHeldSums(tx, 'products', shopIds) };
}

/** The figures of products added up by brand. Names are compared as bytes, so that pages follow one order. */
function sumBrands(
  { tx, selection: { search, products }, shopIds, heldSums }: Reading,
  periods: readonly Period[],
): Fragment {
  const metrics = ['gmv', 'items_sold', 'orders_count'];
  const sums = figures(tx, { stream: 'products', shopIds, periods, metrics, heldSums });
  return tx`
    select f.label as date, p.brand, coalesce(p.brand, '') collate "C" as name,
      sum(f.gmv) as gmv, sum(f.items_sold)::bigint as items_sold, sum(f.orders_count)::bigint as orders_count,
      count(distinct f.product_id) filter (where f.items_sold > 0) as products
    from (${sums}) f ${tx.unsafe(descriptionOf('products').joins)}
    where ${whereDescribed(tx, 'products', products)}
      and ${search === undefined ? tx`true` : tx`p.brand ilike ${searchPattern(search)}`}
    group by f.label, p.brand`;
}

function atLeast(tx: Transaction, { min_gmv: minGmv }: BrandSelection): Fragment {
  return minGmv === undefined ? tx`true` : tx`gmv >= ${minGmv}::text::numeric`;
}

function isBehind(tx: Transaction, { sort, direction }: BrandSelection, after: BrandPosition): Fragment {
  const value = tx`${after.value}::text::${tx.unsafe(sort === 'date' ? 'text' : 'numeric')}`;
  const beyond = direction === 'asc' ? tx`${tx(sort)} > ${value}` : tx`${tx(sort)} < ${value}`;
  return tx`(${beyond} or (${tx(sort)} = ${value} and (date, name) > (${after.date}::text, ${after.brand}::text collate "C")))`;
}

/** Tells of each row what it is compared with; nothing where nothing is to be compared. */
async function compareRows(
  reading: Reading,
  rows: readonly FoundRow[],
): Promise<(row: ComparedRow) => Pick<BrandRow, 'previous' | 'change'>> {
  const { tx, selection } = reading;
  const { from, to, granularity, compare } = selection;
  if (compare === null || rows.length === 0) return () => ({});
  const labels = new Set(rows.map(({ date }) => date));
  const periods = periodsOf(from, to, granularity)
    .filter(({ label }) => labels.has(label))
    .map(earlier({ from, to, compare }));
  const found = await tx<ComparedRow[]>`
    select date, name, gmv, items_sold, orders_count, products from (${sumBrands(reading, periods)}) b
    where name = any(${[...new Set(rows.map(({ name }) => name))]})`;
  const idOf = ({ date, name }: ComparedRow): string => JSON.stringify([date, name]);
  const before = new Map(found.map((row) => [idOf(row), row]));
  return (row) => {
    const then = before.get(idOf(row));
    const changeIn = (figure: keyof BrandFigures) => changeOf(row[figure], then?.[figure] ?? null);
    return {
      previous: {
        ...{ gmv: then?.gmv ?? null, items_sold: then?.items_sold ?? null },
        ...{ orders_count: then?.orders_count ?? null, products: then?.products ?? null },
      },
      change: {
        ...{ gmv: changeIn('gmv'), items_sold: changeIn('items_sold') },
        ...{ orders_count: changeIn('orders_count'), products: changeIn('products') },
      },
    };
  };
}
