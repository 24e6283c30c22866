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
};

/** What can be asked for: the minutes of LIVE sessions come with the sessions. */
export const askedStreams = Object.keys(streamNames).filter((name) => name !== 'live_minutes');

export function nameOfStream(stream: string): string {
  return streamNames[stream] ?? stream;
}
