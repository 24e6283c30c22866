import type { AnalyticsRow } from '../../sources/tiktok-shop/records/record.ts';
import type { MappedProduct, ProductDetail } from '../../sources/tiktok-shop/streams/products/index.ts';
import { bulk, type Column, cleanText, columnArrays, textArray, unnestClause } from '../column-arrays.ts';
import type { Sql, Transaction } from '../pool.ts';
import { withBrands } from './brand-rules.ts';

const productColumns: readonly Column[] = [
  ['product_id', 'text'],
  ['title', 'text'],
  ['status', 'text'],
  ['currency', 'text'],
  ['stock', 'bigint'],
  ['brand_by_rule', 'text'],
  ['created_at', 'timestamptz'],
  ['updated_at', 'timestamptz'],
];
const skuColumns: readonly Column[] = [
  ['sku_id', 'text'],
  ['product_id', 'text'],
  ['seller_sku', 'text'],
  ['status', 'text'],
  ['price', 'numeric'],
  ['currency', 'text'],
  ['stock', 'bigint'],
];

/** Inserts rows or brings them up to date, in key order; tells which ones changed. An older read changes nothing. */
function upsert(table: string, keyColumn: string, columns: readonly Column[]): string {
  const names = columns.map(([name]) => name);
  const values = names.filter((name) => name !== keyColumn);
  return `
    insert into ${table} as known (shop_id, observed_at, ${names.join(', ')})
    select $1, $2::timestamptz, ${names.join(', ')} from ${unnestClause(columns, 'incoming', 3)} order by ${keyColumn}
    on conflict (shop_id, ${keyColumn}) do update set observed_at = excluded.observed_at,
      ${values.map((name) => `${name} = excluded.${name}`).join(', ')}
    where excluded.observed_at >= known.observed_at and (${values.map((name) => `known.${name}`).join(', ')})
      is distinct from (${values.map((name) => `excluded.${name}`).join(', ')})
    returning ${table === 'products' ? 'product_id' : 'known.product_id'}`;
}

const upsertProducts = upsert('products', 'product_id', productColumns);
const upsertSkus = upsert('product_skus', 'sku_id', skuColumns);
const deleteSkus = `
  delete from product_skus
  where shop_id = $1 and observed_at <= $2::timestamptz and product_id = any($3::text[]) and not sku_id = any($4::text[])
  returning product_id`;

export interface ProductsToWrite {
  shopId: string;
  pageId: number;
  /** Upstream's clock when they were read. */
  observedAt: Date;
  products: readonly MappedProduct[];
}

/** Writes a page of products with their SKUs. Returns how many products were new or changed, in themselves or a SKU. */
export async function writeProducts(
  tx: Transaction,
  { shopId, pageId, observedAt, products }: ProductsToWrite,
): Promise<number> {
  const latest = new Map(products.map((product) => [product.productId, product]));
  if (latest.size === 0) return 0;
  const skus = new Map<AnalyticsRow[string] | undefined, AnalyticsRow>();
  for (const product of latest.values()) for (const sku of product.skus) skus.set(sku.sku_id, sku);
  const ids = [...latest.keys()];
  const mapped = [...latest.values()].map(({ product }) => product);
  const rows = await withBrands(tx, shopId, mapped);
  const named = (written: readonly { product_id: string }[]) => written.map((row) => row.product_id);
  const changed = new Set([
    ...named(await bulk(tx, upsertProducts, [shopId, observedAt, ...columnArrays(productColumns, rows)])),
    ...named(
      await bulk(tx, upsertSkus, [shopId, observedAt, ...columnArrays(skuColumns, [...skus.values()])]),
    ),
    ...named(
      await bulk(tx, deleteSkus, [
        shopId,
        observedAt,
        textArray(ids),
        textArray([...skus.keys()].map(String)),
      ]),
    ),
  ]);
  if (changed.size > 0) {
    await tx`
      update products set page_id = ${pageId}, page_index = listed.place - 1
      from unnest(${products.map(({ productId }) => productId)}::text[]) with ordinality as listed(product_id, place)
      where products.shop_id = ${shopId} and products.product_id = listed.product_id
        and products.product_id = any(${[...changed]})`;
  }
  return changed.size;
}

/** A product whose detail was not read in its present version. */
export interface DueDetail {
  productId: string;
  updatedAt: Date | null;
}

export async function listDueDetails(sql: Sql, shopId: string, limit: number): Promise<DueDetail[]> {
  return sql<DueDetail[]>`
    select product_id as "productId", updated_at as "updatedAt" from products
    where shop_id = ${shopId} and detail_of is distinct from updated_at order by product_id limit ${limit}`;
}

/** Keeps what only the detail tells; null says that upstream no longer knows the product. */
export async function writeProductDetail(
  sql: Sql,
  shopId: string,
  { productId, updatedAt }: DueDetail,
  detail: ProductDetail | null,
): Promise<void> {
  const clean = (text: string | null | undefined): string | null => (text == null ? null : cleanText(text));
  await sql.begin(async (tx) => {
    // A detail without a brand says that there is none: rules may find it then.
    const brandOf = (field: 'brandId' | 'brandName', column: string) =>
      detail === null ? tx(column) : tx`${clean(detail[field])}::text`;
    await tx`
      update products set detail_of = ${updatedAt}, brand_id = ${brandOf('brandId', 'brand_id')},
        brand_name = ${brandOf('brandName', 'brand_name')},
        category_id = coalesce(${clean(detail?.categoryId)}, category_id),
        category_name = coalesce(${clean(detail?.categoryName)}, category_name),
        image_url = coalesce(${clean(detail?.imageUrl)}, image_url)
      where shop_id = ${shopId} and product_id = ${productId}`;
    const names = [...(detail?.skuNames ?? [])];
    if (names.length === 0) return;
    await tx`
      update product_skus set name = named.name
      from unnest(${names.map(([skuId]) => cleanText(skuId))}::text[], ${names.map(([, name]) => cleanText(name))}::text[])
        as named(sku_id, name)
      where product_skus.shop_id = ${shopId} and product_skus.sku_id = named.sku_id
        and product_skus.product_id = ${productId}`;
  });
}
