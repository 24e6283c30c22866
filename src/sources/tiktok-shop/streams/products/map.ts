import { isJsonObject } from '../../../../json-object.ts';
import type { AnalyticsRow, AsideRecord } from '../../records/record.ts';
import { count, id, isAside, key, money, RecordMapping, text, time } from '../../records/record.ts';
import { type DriftNotes, describeShape } from '../drift.ts';

const statuses = ['overall', 'audit', 'product_sync_fail_reasons', 'sales_regions', 'recommended_categories'];
const flags = ['is_not_for_sale', 'has_draft', 'product_tags', 'selling_format', 'listing_quality_tier'];

/** An element of "Search Products" 202502. */
const product = new RecordMapping({
  path: 'products[]',
  columns: {
    product_id: key('id'),
    title: text('title'),
    status: id('status'),
    created_at: time('create_time'),
    updated_at: time('update_time'),
  },
  required: ['status', 'updated_at'],
  expected: ['title', 'created_at'],
  alsoDocumented: [...statuses, ...flags, 'skus', 'integrated_platform_statuses'],
});

const sku = new RecordMapping({
  path: 'products[].skus[]',
  columns: {
    sku_id: key('id'),
    seller_sku: text('seller_sku'),
    status: id('status_info.status'),
    price: money('price.sale_price', 'price.tax_exclusive_price'),
    currency: id('price.currency'),
  },
  alsoDocumented: ['inventory', 'list_price', 'status_info.deactivation_source', 'external_sku_id'],
});

const inventory = new RecordMapping({
  path: 'products[].skus[].inventory[]',
  columns: { quantity: count('quantity') },
  expected: ['quantity'],
  alsoDocumented: ['warehouse_id', 'backorder_quantity', 'handling_time'],
});

/** A product with its SKUs, as typed rows. */
export interface MappedProduct {
  productId: string;
  product: AnalyticsRow;
  skus: AnalyticsRow[];
}

/** One element of `data.products`; put aside when it has no id, status or time, or a price that is no decimal. */
export function mapProduct(record: unknown, index: number, notes: DriftNotes): MappedProduct | AsideRecord {
  const mapped = product.map(record, index, notes);
  if (isAside(mapped)) return mapped;
  const skus: AnalyticsRow[] = [];
  let stock: bigint | null = null;
  let currency: string | null = null;
  for (const [place, element] of listAt(record, 'skus', 'products[].skus', notes).entries()) {
    const row = sku.map(element, place, notes);
    if (isAside(row)) return { ...row, recordId: mapped.key };
    const own = stockOf(element, notes);
    if (own !== null) stock = (stock ?? 0n) + own;
    currency ??= row.row.currency === null ? null : String(row.row.currency);
    skus.push({ ...row.row, product_id: mapped.key, stock: own === null ? null : String(own) });
  }
  return {
    productId: mapped.key,
    product: { ...mapped.row, currency, stock: stock === null ? null : String(stock) },
    skus,
  };
}

/** Stock over all warehouses; null where TikTok says nothing of it. */
function stockOf(record: unknown, notes: DriftNotes): bigint | null {
  let stock: bigint | null = null;
  for (const [place, element] of listAt(
    record,
    'inventory',
    'products[].skus[].inventory',
    notes,
  ).entries()) {
    const row = inventory.map(element, place, notes);
    if (isAside(row) || typeof row.row.quantity !== 'string') continue;
    stock = (stock ?? 0n) + BigInt(row.row.quantity);
  }
  return stock;
}

function listAt(record: unknown, name: string, path: string, notes: DriftNotes): readonly unknown[] {
  const found = isJsonObject(record) ? record[name] : undefined;
  if (found === undefined || found === null) return [];
  if (Array.isArray(found)) return found;
  notes.note('retyped', path, describeShape(found));
  return [];
}

/** What only the detail of a product tells ("Get Product" 202309). */
export interface ProductDetail {
  brandId: string | null;
  brandName: string | null;
  categoryId: string | null;
  categoryName: string | null;
  imageUrl: string | null;
  /** Names of its SKUs, made of their sales attributes. */
  skuNames: ReadonlyMap<string, string>;
}

export function mapProductDetail(data: Record<string, unknown>): ProductDetail {
  const brand = isJsonObject(data.brand) ? data.brand : {};
  const categories = recordsIn(data.category_chains);
  const leaf = categories.find((category) => category.is_leaf === true) ?? categories.at(-1) ?? {};
  const [image = {}] = recordsIn(data.main_images);
  const skuNames = recordsIn(data.skus).flatMap((entry): [string, string][] => {
    const values = recordsIn(entry.sales_attributes).flatMap(({ value_name: name }) => textOf(name) ?? []);
    const skuId = textOf(entry.id);
    return skuId === null || values.length === 0 ? [] : [[skuId, values.join(', ')]];
  });
  return {
    brandId: textOf(brand.id),
    brandName: textOf(brand.name),
    categoryId: textOf(leaf.id),
    categoryName: textOf(leaf.local_name),
    imageUrl: firstText(image.urls) ?? firstText(image.thumb_urls),
    skuNames: new Map(skuNames),
  };
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

const longestText = 5_000;

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, longestText) : null;
}

function firstText(value: unknown): string | null {
  return Array.isArray(value) ? textOf(value[0]) : null;
}
