import { hash } from '../random.ts';

/** Views that no order tells of; invented from (seed, thing, day), yet never fewer than the sales that came of them. */
export interface ProductAudience {
  impressions: number;
  clicks: number;
  /** Distinct viewers and visitors. */
  uniqueImpressions: number;
  uniqueClicks: number;
  pageViews: number;
  cartAdditions: number;
}

export interface ContentAudience {
  views: number;
  likes: number;
  comments: number;
  shares: number;
  newFollowers: number;
  impressions: number;
  clicks: number;
}

export function noAudience(): ProductAudience {
  return { impressions: 0, clicks: 0, uniqueImpressions: 0, uniqueClicks: 0, pageViews: 0, cartAdditions: 0 };
}

export function addAudience(sum: ProductAudience, more: ProductAudience): void {
  sum.impressions += more.impressions;
  sum.clicks += more.clicks;
  sum.uniqueImpressions += more.uniqueImpressions;
  sum.uniqueClicks += more.uniqueClicks;
  sum.pageViews += more.pageViews;
  sum.cartAdditions += more.cartAdditions;
}

export function productAudience(
  seed: number,
  product: number,
  dayNumber: number,
  items: number,
): ProductAudience {
  const roll = hash(seed, product * 50_000 + dayNumber, 250);
  const popular = hash(seed, product, 251) % 100;
  const impressions = ((roll % 60) * popular) / 50 + items * (24 + ((roll >>> 8) % 60));
  const clicks = Math.floor((impressions * (2 + ((roll >>> 16) % 5))) / 100) + items;
  const whole = Math.floor(impressions);
  return {
    impressions: whole,
    clicks,
    uniqueImpressions: Math.ceil(whole * 0.7),
    uniqueClicks: Math.ceil(clicks * 0.8),
    pageViews: clicks + Math.floor(clicks / 3),
    cartAdditions: items + Math.floor(clicks / 5),
  };
}

export function contentAudience(
  seed: number,
  content: number,
  dayNumber: number,
  age: number,
  items: number,
): ContentAudience {
  const roll = hash(seed, content, 260 + (dayNumber % 30_000));
  const views = Math.floor((400 + (roll % 6_000)) / (1 + age / 6)) + items * 40;
  const impressions = Math.floor(views * 0.6) + items * 10;
  return {
    views,
    likes: Math.floor(views / 18),
    comments: Math.floor(views / 240),
    shares: Math.floor(views / 310),
    newFollowers: Math.floor(views / 520),
    impressions,
    clicks: Math.floor((impressions * (3 + ((roll >>> 16) % 6))) / 100) + items,
  };
}
