import { BrandFinder } from '../../brands/brand-finder.ts';
import type { BrandRule } from '../../brands/brand-rule.ts';
import type { ColumnValue } from '../column-arrays.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** The brand rules of a shop, in their order. */
export function readBrandRules(scope: ShopScope, sql: Sql | Transaction): Promise<BrandRule[]> {
  return rulesOf(sql, scope.shopId);
}

async function rulesOf(sql: Sql | Transaction, shopId: string): Promise<BrandRule[]> {
  const rows = await sql<{ rule: BrandRule }[]>`
    select rule from brand_rules where shop_id = ${shopId} order by position`;
  return rows.map(({ rule }) => rule);
}

/** Puts other rules in place of a shop's; until the transaction ends nobody stores products by the ones before. */
export async function replaceBrandRules(
  { shopId }: ShopScope,
  tx: Transaction,
  rules: readonly BrandRule[],
): Promise<void> {
  await tx`select pg_advisory_xact_lock(${lockOf(tx, shopId)})`;
  await tx`delete from brand_rules where shop_id = ${shopId}`;
  await tx`
    insert into brand_rules (shop_id, position, rule)
    select ${shopId}, place - 1, rule
    from jsonb_array_elements(${tx.json(rules as never)}::jsonb) with ordinality as given (rule, place)`;
}

/**
 * Rows of products with the brand that the shop's rules find in their title. The rules stay as they are until the
 * transaction ends, so that no change of them misses a product.
 */
export async function withBrands<Row extends Readonly<Record<string, ColumnValue>>>(
  tx: Transaction,
  shopId: string,
  rows: readonly Row[],
): Promise<(Row & { brand_by_rule: string | null })[]> {
  await tx`select pg_advisory_xact_lock_shared(${lockOf(tx, shopId)})`;
  const finder = new BrandFinder(await rulesOf(tx, shopId));
  const titles = rows.map(({ title }) => (typeof title === 'string' ? title : null));
  const found = await finder.findAll(titles);
  return rows.map((row, index) => ({ ...row, brand_by_rule: found[index]?.brand ?? null }));
}

function lockOf(tx: Transaction, shopId: string) {
  return tx`hashtextextended(${`brand rules ${shopId}`}, 0)`;
}

/** A product as rules see it. */
export interface NamedProduct {
  product_id: string;
  title: string | null;
  /** TikTok's brand. */
  brand_name: string | null;
  brand_by_rule: string | null;
}

const productsAtOnce = 5_000;

/** All products of a shop, in batches. */
export async function* eachNamedProduct(
  { shopId }: ShopScope,
  sql: Sql | Transaction,
): AsyncGenerator<NamedProduct[]> {
  let after = '';
  while (true) {
    const products = await sql<NamedProduct[]>`
      select product_id, title, nullif(brand_name, '') as brand_name, brand_by_rule from products
      where shop_id = ${shopId} and product_id > ${after} order by product_id limit ${productsAtOnce}`;
    if (products.length > 0) yield [...products];
    if (products.length < productsAtOnce) return;
    after = products.at(-1)?.product_id ?? '';
  }
}

/** Stores brands found by rule. */
export async function writeBrandsByRule(
  { shopId }: ShopScope,
  tx: Transaction,
  brands: readonly { productId: string; brand: string | null }[],
): Promise<void> {
  if (brands.length === 0) return;
  await tx`
    update products set brand_by_rule = found.brand
    from unnest(${brands.map(({ productId }) => productId)}::text[], ${brands.map(({ brand }) => brand)}::text[])
      as found (product_id, brand)
    where products.shop_id = ${shopId} and products.product_id = found.product_id`;
}
