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

/** Adds the views of a product on one day. */
export function addViews(
  sum: { impressions: number; clicks: number },
  seed: number,
  product: number,
  dayNumber: number,
  items: number,
): void {
  const roll = hash(seed, product * 50_000 + dayNumber, 250);
  const popular = (product * 37 + seed) % 100;
  const impressions = Math.floor(((roll % 60) * popular) / 50) + items * (24 + ((roll >>> 8) % 60));
  sum.impressions += impressions;
  sum.clicks += Math.floor((impressions * (2 + ((roll >>> 16) % 5))) / 100) + items;
}

/** What goes along with so many views and sales. */
export function audienceOf(views: { impressions: number; clicks: number }, items: number): ProductAudience {
  const { impressions, clicks } = views;
  return {
    impressions,
    clicks,
    uniqueImpressions: Math.ceil(impressions * 0.7),
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
