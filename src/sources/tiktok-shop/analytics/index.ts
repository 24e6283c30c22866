import type { Chain, DayOfShop } from './chain.ts';
import { affiliatesOfDay } from './streams/affiliates.ts';
import { bestsellersOfDay } from './streams/bestsellers.ts';
import { liveProductsOfDay, videoProductsOfDay } from './streams/content-products.ts';
import { creatorsOfDay } from './streams/creators.ts';
import { productDetailsOfDay, skuDetailsOfDay, videoDetailsOfDay } from './streams/details.ts';
import { liveMinutesOfDay, livesOfDay } from './streams/lives.ts';
import { liveOverviewOfDay, videoOverviewOfDay } from './streams/overviews.ts';
import { productsOfDay, skusOfDay } from './streams/products.ts';
import { hoursOfDay, shopOfDay } from './streams/shop.ts';
import { videosOfDay } from './streams/videos.ts';

/** How a day of each stream is read from the Open API. */
export const openApiStreams = {
  shop: shopOfDay,
  hourly: hoursOfDay,
  products: productsOfDay,
  skus: skusOfDay,
  videos: videosOfDay,
  lives: livesOfDay,
  live_minutes: liveMinutesOfDay,
  creators: creatorsOfDay,
  affiliates: affiliatesOfDay,
  bestsellers: bestsellersOfDay,
  video_overview: videoOverviewOfDay,
  live_overview: liveOverviewOfDay,
  live_products: liveProductsOfDay,
  video_products: videoProductsOfDay,
  product_details: productDetailsOfDay,
  video_details: videoDetailsOfDay,
  sku_details: skuDetailsOfDay,
} as const satisfies Record<string, (day: DayOfShop) => Chain>;

export type OpenApiStream = keyof typeof openApiStreams;
