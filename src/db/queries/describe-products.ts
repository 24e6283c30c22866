import type { ProductFigures } from '../../sources/product-figures.ts';
import { bulk, type Column, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Sql } from '../pool.ts';
import { withBrands } from './brand-rules.ts';

const columns: readonly Column[] = [
  ['product_id', 'text'],
  ['title', 'text'],
  ['status', 'text'],
  ['image_url', 'text'],
  ['stock', 'bigint'],
];
const described = ['title', 'status', 'image_url', 'stock'];
const written = [...columns, ['brand_by_rule', 'text'] as const];

const statement = `
  insert into products as known (shop_id, observed_at, ${written.map(([name]) => name).join(', ')})
  select $1, $2::timestamptz, ${written.map(([name]) => name).join(', ')}
  from ${unnestClause(written, 'incoming', 3)} order by product_id
  on conflict (shop_id, product_id) do update
  set observed_at = excluded.observed_at, ${described.map((name) => `${name} = coalesce(excluded.${name}, known.${name})`).join(', ')},
    brand_by_rule = case when excluded.title is null then known.brand_by_rule else excluded.brand_by_rule end
  where known.page_id is null and excluded.observed_at >= known.observed_at`;

/**
 * Names the products that only the seller center or a workbook told of. Those that the product sync has read from the
 * Open API stay as they are: it knows them better.
 */
export async function describeProducts(
  sql: Sql,
  shopId: string,
  observedAt: Date,
  products: readonly ProductFigures[],
): Promise<void> {
  const rows = products.map(({ productId, title, status, imageUrl, stock }) => ({
    ...{ product_id: productId, title, status, image_url: imageUrl, stock },
  }));
  await sql.begin(async (tx) => {
    const named = await withBrands(tx, shopId, rows);
    await bulk(tx, statement, [shopId, observedAt, ...columnArrays(written, named)]);
  });
}
