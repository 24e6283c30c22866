import type postgres from 'postgres';
import type { StreamName } from '../../analytics/streams.ts';
import type { Transaction } from '../pool.ts';
import { searchPattern } from '../queries/find-orders.ts';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** What rows are chosen by, beside their figures. Which of them a stream knows, its route says. */
export interface DescriptionFilters {
  /** `live` is what buyers can see: `ACTIVATE`; everything else is hidden, also what is not known any more. */
  status?: 'live' | 'hidden' | undefined;
  stock_below?: number | undefined;
  /** Part of a name, title or seller SKU, in any case, or an id. */
  search?: string | undefined;
  brand?: string | undefined;
  category?: string | undefined;
  account_type?: string | undefined;
}

interface Described {
  /** Tables joined to rows `f`. */
  joins: string;
  /** What is shown of a row, in order. */
  columns: readonly (readonly [name: string, expression: string])[];
  /** Columns that a search looks into, and ids that it may name. */
  texts: readonly string[];
  ids: readonly string[];
  /** Product and stock, where there are. */
  product?: { alias: string; stock: string };
}

const live = (alias: string) => `case when ${alias}.status = 'ACTIVATE' then 'live' else 'hidden' end`;
const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const ofProduct = [
  ['title', 'p.title'],
  ['status', live('p')],
  ['image_url', 'p.image_url'],
  ['brand', 'p.brand'],
  ['category', 'p.category_name'],
] as const;

const products: Described = {
  joins: 'left join products p on p.shop_id = f.shop_id and p.product_id = f.product_id',
  columns: [...ofProduct, ['stock', 'p.stock']],
  texts: ['p.title'],
  ids: ['f.product_id'],
  product: { alias: 'p', stock: 'p.stock' },
};

const described: Partial<Record<StreamName, Described>> = {
  products,
  live_products: products,
  video_products: products,
  skus: {
    joins: `left join product_skus k on k.shop_id = f.shop_id and k.sku_id = f.sku_id
      left join products p on p.shop_id = k.shop_id and p.product_id = k.product_id`,
    columns: [
      ['product_id', 'k.product_id'],
      ['sku_name', 'k.name'],
      ['seller_sku', 'k.seller_sku'],
      ...ofProduct,
      ['stock', 'k.stock'],
    ],
    texts: ['p.title', 'k.name', 'k.seller_sku'],
    ids: ['f.sku_id', 'k.product_id'],
    product: { alias: 'p', stock: 'k.stock' },
  },
  videos: {
    joins: 'left join videos v on v.shop_id = f.shop_id and v.video_id = f.video_id',
    columns: [
      ['title', 'v.title'],
      ['username', 'v.username'],
      ['account_type', 'v.account_type'],
      ['posted_at', instant('v.posted_at')],
      ['duration_seconds', 'v.duration_seconds::float8'],
      ['hash_tags', 'v.hash_tags'],
    ],
    texts: ['v.title', 'v.username', 'v.hash_tags'],
    ids: ['f.video_id'],
  },
  lives: {
    joins: 'left join lives v on v.shop_id = f.shop_id and v.live_id = f.live_id',
    columns: [
      ['title', 'v.title'],
      ['username', 'v.username'],
      ['account_type', 'v.account_type'],
      ['started_at', instant('v.started_at')],
      ['ended_at', instant('v.ended_at')],
    ],
    texts: ['v.title', 'v.username'],
    ids: ['f.live_id'],
  },
  creators: { joins: '', columns: [], texts: ['f.creator'], ids: [] },
  affiliates: { joins: '', columns: [], texts: ['f.creator'], ids: [] },
};

const plain: Described = { joins: '', columns: [], texts: [], ids: [] };

/** What is shown of the rows of a stream beside their keys and figures. */
export function descriptionOf(stream: StreamName): Described {
  return described[stream] ?? plain;
}

/** The conditions that rows `f`, with their descriptions joined, have to meet. */
export function whereDescribed(tx: Transaction, stream: StreamName, filters: DescriptionFilters): Fragment {
  const { texts, ids, product } = descriptionOf(stream);
  const conditions: Fragment[] = [];
  const { status, stock_below: stockBelow, search, brand, category, account_type: accountType } = filters;
  if (status !== undefined) conditions.push(tx`${tx.unsafe(live(product?.alias ?? 'p'))} = ${status}`);
  if (stockBelow !== undefined)
    conditions.push(tx`${tx.unsafe(product?.stock ?? 'p.stock')} < ${stockBelow}`);
  if (brand !== undefined) conditions.push(tx`lower(p.brand) = lower(${brand})`);
  if (category !== undefined) {
    conditions.push(tx`(p.category_id = ${category} or lower(p.category_name) = lower(${category}))`);
  }
  if (accountType !== undefined) conditions.push(tx`v.account_type = ${accountType}`);
  if (search !== undefined) {
    const found = texts.map((column) => tx`${tx.unsafe(column)} ilike ${searchPattern(search)}`);
    const named = ids.map((column) => tx`${tx.unsafe(column)} = ${search}`);
    conditions.push(tx`(${[...found, ...named].reduce((some, more) => tx`${some} or ${more}`)})`);
  }
  return conditions.reduce((some, more) => tx`${some} and ${more}`, tx`true`);
}
