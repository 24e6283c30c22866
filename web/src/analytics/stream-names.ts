/** What TikTok tells figures of, as people call it. */
export const streamNames: Record<string, string> = {
  shop: 'The shop by day',
  hourly: 'The shop by hour',
  products: 'Products',
  skus: 'Variants of products',
  videos: 'Videos',
  lives: 'LIVE sessions',
  live_minutes: 'Minutes of LIVE sessions',
  creators: 'Creators',
  affiliates: 'Affiliate orders',
  bestsellers: 'Bestsellers of the market',
  video_overview: 'All videos together',
  live_overview: 'All LIVE sessions together',
  live_products: 'Products of LIVE sessions',
  video_products: 'Products of videos',
  product_details: 'Products by channel',
  sku_details: 'Variants by channel',
  video_details: 'Videos in detail',
};

/** What takes a call for each thing that sold, and is therefore read only where somebody wants it. */
export const detailStreams = ['video_products', 'product_details', 'sku_details', 'video_details'];

/** All others that can be asked for: the minutes of LIVE sessions come with the sessions. */
export const usualStreams = Object.keys(streamNames).filter(
  (name) => name !== 'live_minutes' && !detailStreams.includes(name),
);

export function nameOfStream(stream: string): string {
  return streamNames[stream] ?? stream;
}
