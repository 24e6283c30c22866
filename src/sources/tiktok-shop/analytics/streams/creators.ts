import { addDecimals } from '../../../../decimal.ts';
import type { AnalyticsRow } from '../../records/record.ts';
import { type Chain, type DayOfShop, datesOf, readRows } from '../chain.ts';
import { analyticsEndpoints } from '../endpoints.ts';
import { live } from './lives.ts';
import { video } from './videos.ts';

/** Figures of videos and LIVE sessions that add up to those of their creator. */
const summed = ['gmv', 'sku_orders', 'items_sold', 'views'] as const;

/**
 * Sales through each creator. TikTok has no such list for shops: it is summed from the day's videos and LIVE sessions
 * by the account that they belong to. What TikTok does not tell of one of them is unknown of the sum.
 */
export function* creatorsOfDay(day: DayOfShop): Chain {
  const query = datesOf(day);
  const videos = yield* readRows(day, { endpoint: analyticsEndpoints.videos, query }, video);
  const lives = yield* readRows(day, { endpoint: analyticsEndpoints.lives, query }, live);
  const creators = new Map<string, AnalyticsRow>();
  for (const row of videos.rows) addTo(creators, row, 'video');
  for (const row of lives.rows) addTo(creators, row, 'live');
  return {
    rows: [...creators.values()],
    aside: [...videos.aside, ...lives.aside],
    currency: videos.currency ?? lives.currency,
    latestAvailableDate: videos.latestAvailableDate ?? lives.latestAvailableDate,
  };
}

function addTo(creators: Map<string, AnalyticsRow>, row: AnalyticsRow, content: 'video' | 'live'): void {
  const { username } = row;
  if (typeof username !== 'string') return;
  const creator = creators.get(username) ?? newCreator(username);
  creators.set(username, creator);
  for (const name of summed) creator[name] = plus(creator[name], row[name]);
  creator[`${content}_gmv`] = plus(creator[`${content}_gmv`], row.gmv);
  creator[`${content}s`] = plus(creator[`${content}s`], '1');
}

function newCreator(username: string): AnalyticsRow {
  const zeros = Object.fromEntries(summed.map((name) => [name, '0']));
  return { creator: username, ...zeros, video_gmv: '0', live_gmv: '0', videos: '0', lives: '0' };
}

function plus(left: AnalyticsRow[string] | undefined, right: AnalyticsRow[string] | undefined) {
  return typeof left === 'string' && typeof right === 'string' ? addDecimals(left, right) : null;
}
