import type { ReactNode } from 'react';
import type { AnalyticsRow } from '../api-types.ts';
import { duration, moment } from '../format.ts';
import { addressWith } from '../use-address.ts';
import { productDetail, skuDetail } from './detail-declarations.ts';
import { InPageLink } from './in-page-link.tsx';
import type { MetricName } from './metrics.ts';
import { figureOf, textOf } from './metrics.ts';
import { affiliateOrders, type Permission, shopAnalytics } from './permissions.ts';
import { ProductImage } from './product-image.tsx';
import { viewAddress } from './view-address.ts';

export type FilterName = 'search' | 'status' | 'min_gmv' | 'brand' | 'stock_below';

/** A list of figures: what a row is of, and what can be asked. */
export interface FiguresList {
  /** Last part of its path in the API. */
  stream: string;
  title: string;
  /** As in "figures of products". */
  of: string;
  note: string;
  /** What TikTok shows them for. */
  permission: Permission;
  subject: string;
  show(row: AnalyticsRow): ReactNode;
  /** In their order; each can be sorted by unless it is in `unsorted`. */
  figures: readonly MetricName[];
  unsorted?: readonly MetricName[];
  filters: readonly FilterName[];
  comparable: boolean;
}

/** A product; `to` is where its title leads. */
function showProduct(row: AnalyticsRow, to: string): ReactNode {
  return (
    <div className="product">
      <ProductImage url={textOf(row, 'image_url')} title={textOf(row, 'title')} />
      <div>
        <span className="name">
          <InPageLink to={to}>{textOf(row, 'title') || 'Product without a known title'}</InPageLink>
        </span>
        <span className="quiet">
          <span className={`badge small ${row.status === 'live' ? 'completed' : ''}`}>
            {textOf(row, 'status')}
          </span>{' '}
          {[textOf(row, 'brand'), textOf(row, 'product_id')].filter((text) => text !== '').join(' · ')}
        </span>
      </div>
    </div>
  );
}

const products: FiguresList = {
  stream: 'products',
  title: 'Products',
  of: 'products',
  note: 'Only products with figures in these days. Stock is what buyers can have now.',
  permission: shopAnalytics,
  subject: 'Product',
  show: (row) => showProduct(row, addressWith({ product: textOf(row, 'product_id') })),
  figures: [...productDetail.figures, 'stock'],
  unsorted: ['stock'],
  filters: ['search', 'status', 'min_gmv', 'brand', 'stock_below'],
  comparable: true,
};

const variants: FiguresList = {
  stream: 'skus',
  title: 'Variants',
  of: 'variants of products',
  note: 'Each size, colour or set of a product by itself. Stock is what buyers can have now.',
  permission: shopAnalytics,
  subject: 'Variant',
  show: (row) => (
    <Named
      name={
        <InPageLink to={addressWith({ sku: textOf(row, 'sku_id') })}>
          {textOf(row, 'sku_name') || textOf(row, 'seller_sku') || 'Variant without a known name'}
        </InPageLink>
      }
      more={[textOf(row, 'title'), textOf(row, 'seller_sku'), textOf(row, 'sku_id')]}
    />
  ),
  figures: [...skuDetail.figures, 'stock'],
  unsorted: ['stock'],
  filters: ['search', 'status', 'min_gmv', 'stock_below'],
  comparable: true,
};

const videos: FiguresList = {
  stream: 'videos',
  title: 'Videos',
  of: 'videos',
  note: 'What was sold through each video in these days, of your own accounts and of creators.',
  permission: shopAnalytics,
  subject: 'Video',
  show: (row) => (
    <Named
      name={
        <InPageLink to={addressWith({ video: textOf(row, 'video_id') })}>
          {textOf(row, 'title') || 'Video without a title'}
        </InPageLink>
      }
      more={[accountOf(row), figureOf(row, 'posted_at') === null ? '' : moment(textOf(row, 'posted_at'))]}
    />
  ),
  figures: [
    'gmv',
    'items_sold',
    'sku_orders',
    'views',
    'gpm',
    'likes',
    'comments',
    'shares',
    'new_followers',
  ],
  filters: ['search', 'min_gmv'],
  comparable: true,
};

const lives: FiguresList = {
  stream: 'lives',
  title: 'LIVE sessions',
  of: 'LIVE sessions',
  note: 'Open a session to see its minutes and products. TikTok tells audiences and minutes of official and marketing accounts only. Times are those of your own clock.',
  permission: shopAnalytics,
  subject: 'Session',
  show: (row) => (
    <Named
      name={
        <InPageLink to={addressWith({ live: textOf(row, 'live_id') })}>
          {textOf(row, 'title') || 'LIVE session without a title'}
        </InPageLink>
      }
      more={[accountOf(row), timesOf(row)]}
    />
  ),
  figures: [
    ...(['gmv', 'gmv_24h', 'items_sold', 'sku_orders', 'viewers', 'views'] as const),
    ...(['peak_concurrent_viewers', 'average_viewing_seconds', 'click_to_order_rate'] as const),
  ],
  filters: ['search', 'min_gmv'],
  comparable: true,
};

const creators: FiguresList = {
  stream: 'creators',
  title: 'Creators',
  of: 'creators',
  note: 'All videos and LIVE sessions of an account added up, your own accounts included.',
  permission: shopAnalytics,
  subject: 'Account',
  show: (row) => <Named name={`@${textOf(row, 'creator')}`} more={[]} />,
  figures: ['gmv', 'video_gmv', 'live_gmv', 'items_sold', 'sku_orders', 'views'],
  filters: ['search', 'min_gmv'],
  comparable: true,
};

const affiliates: FiguresList = {
  stream: 'affiliates',
  title: 'Affiliates',
  of: 'affiliate orders',
  note: 'Affiliate orders by creator, by the day on which the order was made (all other lists go by the day of payment).',
  permission: affiliateOrders,
  subject: 'Creator',
  show: (row) => <Named name={`@${textOf(row, 'creator')}`} more={[]} />,
  figures: [
    'gmv',
    'orders_count',
    'items_sold',
    'refunded_items',
    'estimated_commission',
    'actual_commission',
  ],
  filters: ['search', 'min_gmv'],
  comparable: true,
};

const brands: FiguresList = {
  stream: 'brands',
  title: 'Brands',
  of: 'products',
  note: 'Products added up by their brand. An order with two products of a brand counts twice, for TikTok counts orders by product.',
  permission: shopAnalytics,
  subject: 'Brand',
  show: (row) => <Named name={brandOf(row)} more={[]} />,
  figures: ['gmv', 'items_sold', 'orders_count', 'products'],
  filters: ['search', 'min_gmv'],
  comparable: true,
};

/** What a LIVE session or a video sold of each product. */
export const productsSold = {
  subject: 'Product',
  show: (row: AnalyticsRow) =>
    showProduct(row, viewAddress('products', { product: textOf(row, 'product_id') })),
  figures: [
    ...(['gmv', 'items_sold', 'orders_count', 'created_sku_orders', 'added_to_cart', 'customers'] as const),
    ...(['product_impressions', 'product_clicks', 'click_through_rate', 'click_to_order_rate'] as const),
  ],
};

export const figuresLists = { products, variants, videos, lives, creators, affiliates, brands };

function Named({ name, more }: { name: ReactNode; more: readonly string[] }) {
  return (
    <div className="named">
      <span className="name">{name}</span>
      <span className="quiet">{more.filter((text) => text !== '').join(' · ')}</span>
    </div>
  );
}

/** A brand leads to its products. */
function brandOf(row: AnalyticsRow): ReactNode {
  const brand = textOf(row, 'brand');
  if (brand === '') return 'Without a known brand';
  return <InPageLink to={viewAddress('products', { brand })}>{brand}</InPageLink>;
}

function accountOf(row: AnalyticsRow): string {
  const name = textOf(row, 'username');
  return name === '' ? '' : `@${name}`;
}

function timesOf(row: AnalyticsRow): string {
  const [start, end] = [textOf(row, 'started_at'), textOf(row, 'ended_at')];
  if (start === '') return '';
  if (end === '') return moment(start);
  return `${moment(start)}, ${duration((Date.parse(end) - Date.parse(start)) / 1_000)}`;
}
