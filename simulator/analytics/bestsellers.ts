import { hash } from '../random.ts';
import { readDate } from './calendar.ts';
import { invalid, readChoice, readCurrency } from './request.ts';
import type { DataRoute } from './route.ts';
import { latest } from './route.ts';

/** Scope of its own, which few apps have: grants do not hold it unless they are told to. */
export const bestsellerScope = 'data.bestselling.public.read';

const rows = 100;
const kinds = { products: 'product', videos: 'video', lives: 'live', creators: 'creator' } as const;
const ranges = ['1M+', '500K-1M', '100K-500K', '50K-100K', '10K-50K'];

/** Rankings of the whole market: other people's, so they follow from no order of the shop; GMV only as a range. */
export const bestsellers: DataRoute = {
  name: 'analytics_bestsellers',
  method: 'GET',
  path: /^\/analytics\/(202511)\/(products|videos|lives|creators)\/bestselling$/,
  scope: bestsellerScope,
  answer({ analytics, shop, query, parts }) {
    const kind =
      parts[1] === 'videos' || parts[1] === 'lives' || parts[1] === 'creators' ? parts[1] : 'products';
    const dayNumber = readDate(query.get('date') ?? '');
    if (dayNumber === null) throw invalid('date', 'it is required, as YYYY-MM-DD');
    const slot = readChoice(query, 'time_slot', ['1D', '7D', '30D']);
    readCurrency(query);
    if (kind === 'creators') readChoice(query, 'author_type', ['ALL', 'OFFICIAL', 'CHANNEL', 'AFFILIATE']);
    const count = dayNumber > analytics.latestAvailable ? 0 : rows;
    const list = Array.from({ length: count }, (_, nth) => {
      const roll = hash(hash(7, dayNumber, slot.length), nth, 295);
      return {
        rank: nth + 1,
        id: `1730${String(roll).padStart(15, '0')}`,
        name: `Market ${kinds[kind]} no. ${(roll % 9_000) + 1}`,
        ...(kind === 'creators' || kind === 'products' ? {} : { username: `market.${roll % 900}` }),
        region: shop.region,
        gmv_range: ranges[Math.min(ranges.length - 1, Math.floor(nth / 12))],
      };
    });
    return { data: { ...latest(analytics), [kind]: list }, rows: list.length };
  },
};
