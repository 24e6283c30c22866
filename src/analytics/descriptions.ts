import type { Description } from './declaration.ts';

/** What is known of the things that figures are of, whichever day they are of. */
export const describedProducts: Description = {
  table: 'products',
  key: 'product_id',
  columns: [
    ['title', 'text'],
    ['status', 'text'],
    ['image_url', 'text'],
    ['brand', 'text'],
    ['category_name', 'text'],
    ['stock', 'bigint'],
  ],
  broughtByStream: false,
};

export const describedSkus: Description = {
  table: 'product_skus',
  key: 'sku_id',
  columns: [
    ['product_id', 'text'],
    ['name', 'text'],
    ['seller_sku', 'text'],
    ['status', 'text'],
    ['price', 'numeric'],
    ['stock', 'bigint'],
  ],
  broughtByStream: false,
};

export const describedVideos: Description = {
  table: 'videos',
  key: 'video_id',
  columns: [
    ['title', 'text'],
    ['username', 'text'],
    ['account_type', 'text'],
    ['posted_at', 'timestamptz'],
    ['duration_seconds', 'numeric'],
    ['hash_tags', 'text'],
  ],
  broughtByStream: true,
};
