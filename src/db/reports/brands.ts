import type postgres from 'postgres';
import type { Day, Granularity } from '../../analytics/calendar.ts';
import { periodsOf } from '../../analytics/cover.ts';
import type { Sql, Transaction } from '../pool.ts';
import { searchPattern } from '../queries/find-orders.ts';
import type { ShopScope } from '../queries/shop-scope.ts';
import { type Coverage, readCoverage } from './analytics-coverage.ts';
import { type Boundaries, figures, readBoundaries } from './analytics-figures.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Which brands over which days, and in which order. Plain data. */
export interface BrandSelection {
  /** Days from `from` up to, and without, `to`. */
  from: Day;
  to: Day;
  /** Null: one row a brand over all days. */
  granularity: Granularity | null;
  sort: 'date' | 'gmv' | 'items_sold' | 'orders_count' | 'products';
  direction: 'asc' | 'desc';
  /** At least this much GMV in the row. */
  min_gmv?: string | undefined;
  /** Part of the name, in any case. */
  search?: string | undefined;
}

/** What the products of a brand sold. Null is what no brand is known of. */
export interface BrandRow {
  date?: Day;
  brand: string | null;
  currency: string | null;
  gmv: string;
  items_sold: number;
  orders_count: number;
  products: number;
}

/** Where a page ended: the sorted value, the first day of the period and the brand's name, as PostgreSQL writes them. */
export interface BrandPosition {
  value: string;
  date: string;
  brand: string;
}

type FoundRow = Required<BrandRow> & { name: string; value: string };

/** The rows of a selection behind a position, each with its own; `limit` null is all of them. */
export async function readBrands(
  scope: ShopScope,
  tx: Transaction,
  selection: BrandSelection,
  { after, limit }: { after: BrandPosition | null; limit: number | null },
): Promise<{ row: BrandRow; position: BrandPosition }[]> {
  const { sort, direction, granularity } = selection;
  const boundaries = await readBoundaries(tx, 'products', [scope.shopId]);
  const rows = await tx<FoundRow[]>`
    select date, brand, name, gmv, items_sold, orders_count, products, ${tx(sort)}::text as value, (
      select coalesce(a.currency, s.currency) from shops s
      left join analytics_streams a on a.shop_id = s.shop_id and a.stream = 'products'
      where s.shop_id = ${scope.shopId}) as currency
    from (${sumBrands(scope, tx, selection, boundaries)}) b
    where ${after === null ? tx`true` : isBehind(tx, selection, after)}
    order by ${tx(sort)} ${tx.unsafe(direction)}, date, name ${limit === null ? tx`` : tx`limit ${limit}`}`;
  return rows.map(({ date, brand, name, value, currency, ...sums }) => ({
    row: { ...(granularity === null ? {} : { date }), brand, currency, ...sums },
    position: { value, date, brand: name },
  }));
}

/** A page of brands, from one state of the database; `next` is where the next one begins, null on the last. */
export function listBrands(
  scope: ShopScope,
  sql: Sql,
  selection: BrandSelection,
  { after, limit, withTotal }: { after: BrandPosition | null; limit: number; withTotal: boolean },
): Promise<{ rows: BrandRow[]; next: BrandPosition | null; total?: number; coverage: Coverage[] }> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const found = await readBrands(scope, tx, selection, { after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const page = {
      rows: shown.map(({ row }) => row),
      next: found.length > limit ? (shown.at(-1)?.position ?? null) : null,
      coverage: await readCoverage(tx, [scope.shopId], { stream: 'products', ...selection }),
    };
    return withTotal ? { ...page, total: await countBrands(scope, tx, selection) } : page;
  });
}

async function countBrands(scope: ShopScope, tx: Transaction, selection: BrandSelection): Promise<number> {
  const boundaries = await readBoundaries(tx, 'products', [scope.shopId]);
  const [counted] = await tx<{ total: number }[]>`
    select count(*) as total from (${sumBrands(scope, tx, selection, boundaries)}) b`;
  return counted?.total ?? 0;
}

/** The figures of products added up by brand. Names are compared as bytes, so that pages follow one order. */
function sumBrands(
  { shopId }: ShopScope,
  tx: Transaction,
  { from, to, granularity, min_gmv: minGmv, search }: BrandSelection,
  boundaries: Boundaries,
): Fragment {
  const products = figures(tx, {
    stream: 'products',
    shopIds: [shopId],
    periods: periodsOf(from, to, granularity),
    metrics: ['gmv', 'items_sold', 'orders_count'],
    boundaries,
  });
  return tx`
    select f.label as date, p.brand_name as brand, coalesce(p.brand_name, '') collate "C" as name,
      sum(f.gmv) as gmv, sum(f.items_sold)::bigint as items_sold, sum(f.orders_count)::bigint as orders_count,
      count(distinct f.product_id) filter (where f.items_sold > 0) as products
    from (${products}) f left join products p on p.shop_id = f.shop_id and p.product_id = f.product_id
    where ${search === undefined ? tx`true` : tx`p.brand_name ilike ${searchPattern(search)}`}
    group by f.label, p.brand_name
    ${minGmv === undefined ? tx`` : tx`having sum(f.gmv) >= ${minGmv}::text::numeric`}`;
}

function isBehind(tx: Transaction, { sort, direction }: BrandSelection, after: BrandPosition): Fragment {
  const value = tx`${after.value}::text::${tx.unsafe(sort === 'date' ? 'text' : 'numeric')}`;
  const beyond = direction === 'asc' ? tx`${tx(sort)} > ${value}` : tx`${tx(sort)} < ${value}`;
  return tx`(${beyond} or (${tx(sort)} = ${value} and (date, name) > (${after.date}::text, ${after.brand}::text collate "C")))`;
}
