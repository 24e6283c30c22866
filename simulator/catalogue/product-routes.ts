import { invalid, listKey, pageOf, Refused } from '../analytics/request.ts';
import type { DataRoute } from '../analytics/route.ts';
import { isRecord } from '../files/json-facts.ts';
import { formatMinor } from '../money.ts';
import type { SimulatedShop } from '../shops.ts';

const scope = 'seller.product.basic';
/** The platform lists no more, however many there are (facts, section 5). */
const mostFound = 10_000;
const knownStatuses = [
  'ALL',
  'DRAFT',
  'PENDING',
  'FAILED',
  'ACTIVATE',
  'SELLER_DEACTIVATED',
  'PLATFORM_DEACTIVATED',
  'FREEZE',
  'DELETED',
];

/** Product search: in the order of their ids, without brand, image and category, which only the detail has. */
export const productSearch: DataRoute = {
  name: 'product_search',
  method: 'POST',
  path: /^\/product\/(202309|202312|202502)\/products\/search$/,
  scope,
  answer({ shop, query, body, path, pageTokens }) {
    if (!query.get('page_size')) throw invalid('page_size', 'it is required');
    const filter = isRecord(body) ? body : {};
    const status = filter.status ?? 'ALL';
    if (typeof status !== 'string' || !knownStatuses.includes(status))
      throw invalid('status', `it must be one of ${knownStatuses.join(', ')}`);
    const times = (['create', 'update'] as const).map((axis) => readTimes(filter, axis));
    const wanted = [readTexts(filter, 'seller_skus', 12019027), readTexts(filter, 'sku_ids', 12019087)];
    const { products, skus } = shop.products.catalogue;
    const fitting: number[] = [];
    for (let product = 0; product < products.length && fitting.length < mostFound; product += 1) {
      if (status !== 'ALL' && shop.products.status(product) !== status) continue;
      const [create, update] = times;
      if (!within(shop.products.createTime(product), create)) continue;
      if (!within(shop.products.updateTime(product), update)) continue;
      const own = products[product]?.skus ?? [];
      const [sellerSkus, skuIds] = wanted;
      if (sellerSkus && !own.some((sku) => sellerSkus.includes(skus[sku]?.sellerSku ?? ''))) continue;
      if (skuIds && !own.some((sku) => skuIds.includes(skus[sku]?.id ?? ''))) continue;
      fitting.push(product);
    }
    const page = pageOf(query, fitting, `${listKey(path, query)} ${JSON.stringify(filter)}`, pageTokens);
    const rows = page.rows.map((product) => listedProduct(shop, product));
    return {
      data: { products: rows, next_page_token: page.nextPageToken, total_count: page.total },
      rows: rows.length,
    };
  },
};

export const productDetails: DataRoute = {
  name: 'product_detail',
  method: 'GET',
  path: /^\/product\/(202309)\/products\/([^/]+)$/,
  scope,
  answer({ shop, parts }) {
    const product = shop.products.indexOf(parts[1] ?? '');
    const found = shop.products.catalogue.products[product];
    if (found === undefined)
      throw new Refused({ code: 12052034, httpStatus: 200, message: 'The product is not of this shop' });
    const categoryId = shop.products.categoryId(product);
    const number = found.id;
    const image = {
      uri: `tos-simulated/${number}`,
      urls: [`https://images.invalid/${number}.jpeg`],
      thumb_urls: [`https://images.invalid/${number}-thumb.jpeg`],
      width: 800,
      height: 800,
    };
    const data = {
      ...listedProduct(shop, product),
      description: `<p>${shop.products.title(product)}</p>`,
      ...(found.brand === null ? {} : { brand: { id: `7082${categoryId}000000000`, name: found.brand } }),
      category_chains: [
        { id: '600000', parent_id: '0', local_name: 'Everything', is_leaf: false },
        { id: categoryId, parent_id: '600000', local_name: found.category, is_leaf: true },
      ],
      main_images: [image],
      package_weight: { value: '0.4', unit: 'KILOGRAM' },
      product_attributes: [],
      skus: skusOf(shop, product).map((sku) => ({
        ...sku.listed,
        sales_attributes: [{ id: '100000', name: 'Variant', value_id: sku.listed.id, value_name: sku.name }],
      })),
    };
    return { data, rows: 1 };
  },
};

function listedProduct(shop: SimulatedShop, product: number): Record<string, unknown> {
  const { products } = shop;
  return {
    id: products.catalogue.products[product]?.id ?? '',
    title: products.title(product),
    status: products.status(product),
    skus: skusOf(shop, product).map(({ listed }) => listed),
    sales_regions: [shop.region],
    create_time: products.createTime(product),
    update_time: products.updateTime(product),
    product_sync_fail_reasons: [],
    is_not_for_sale: false,
    listing_quality_tier: 'GOOD',
    audit: { status: 'APPROVED', pre_approved_reasons: [] },
    has_draft: false,
  };
}

function skusOf(
  shop: SimulatedShop,
  product: number,
): { name: string; listed: { id: string } & Record<string, unknown> }[] {
  const { catalogue } = shop.products;
  return (catalogue.products[product]?.skus ?? []).map((number) => {
    const sku = catalogue.skus[number];
    const price = formatMinor(sku?.price ?? 0, shop.analytics.decimals);
    const inventory = shop.products.stock(number).map((quantity, nth) => ({
      warehouse_id: `7000000000000000000${nth + 1}`.slice(-19),
      quantity,
      backorder_quantity: 0,
    }));
    const listed = {
      id: sku?.id ?? '',
      seller_sku: sku?.sellerSku ?? '',
      price: { currency: shop.currency, tax_exclusive_price: price, sale_price: price },
      inventory,
      status_info: { status: 'NORMAL', deactivation_source: '' },
    };
    return { name: sku?.name ?? '', listed };
  });
}

/** `…_time_ge` and `…_time_le`: both inclusive, unlike those of orders. */
function readTimes(filter: Record<string, unknown>, axis: 'create' | 'update'): [number, number] {
  const [from, to] = ['ge', 'le'].map((end) => {
    const value = filter[`${axis}_time_${end}`];
    if (value === undefined) return end === 'ge' ? 0 : Number.MAX_SAFE_INTEGER;
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw invalid(`${axis}_time_${end}`, 'it must be Unix seconds');
    return value;
  });
  return [from ?? 0, to ?? 0];
}

function readTexts(filter: Record<string, unknown>, name: string, code: number): string[] | null {
  const value = filter[name];
  if (value === undefined) return null;
  if (!Array.isArray(value)) throw invalid(name, 'it must be a list of strings');
  if (value.length > 10)
    throw new Refused({ code, httpStatus: 200, message: `Invalid parameter ${name}: at most 10 at once` });
  return value.map(String);
}

function within(time: number, range: [number, number] | undefined): boolean {
  return range === undefined || (time >= range[0] && time <= range[1]);
}
