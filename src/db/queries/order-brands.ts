import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from './shop-scope.ts';

/** The brands of the products in each order, by name; orders without any are left out. */
export async function readOrderBrands(
  scope: ShopScope,
  sql: Sql | Transaction,
  orderIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (orderIds.length === 0) return new Map();
  const rows = await sql<{ order_id: string; brands: string[] }[]>`
    select l.order_id, array_agg(distinct p.brand order by p.brand) as brands
    from line_items l join products p on p.shop_id = l.shop_id and p.product_id = l.product_id
    where l.shop_id = ${scope.shopId} and l.order_id = any(${[...orderIds]}) and p.brand is not null
    group by l.order_id`;
  return new Map(rows.map((row) => [row.order_id, row.brands]));
}

/** The brands of all products, for who goes through all orders: to ask for those of each order would take longer. */
export interface BrandNames {
  /** Those of the products, by name. */
  of(productIds: readonly (string | null)[]): string[];
}

export async function readBrandNames(scope: ShopScope, tx: Transaction): Promise<BrandNames> {
  const rows = await tx<{ product_id: string; name: string; place: number }[]>`
    select product_id, brand as name, dense_rank() over (order by brand) as place
    from products where shop_id = ${scope.shopId} and brand is not null`;
  const brands = new Map(rows.map(({ product_id, name, place }) => [product_id, { name, place }]));
  return {
    of(productIds) {
      const found = new Map<number, string>();
      for (const productId of productIds) {
        const brand = productId === null ? undefined : brands.get(productId);
        if (brand !== undefined) found.set(brand.place, brand.name);
      }
      // PostgreSQL's order of names, which is that of the list.
      return [...found].sort(([a], [b]) => a - b).map(([, name]) => name);
    },
  };
}
