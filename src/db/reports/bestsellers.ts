import type { rankings, timeSlots } from '../../analytics/bestsellers.ts';
import type { Day } from '../../analytics/calendar.ts';
import { type ExactNumber, exactNumber } from '../../exact-number.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { ShopScope } from '../queries/shop-scope.ts';

/** Which ranking, of which day; null is the newest that was read. */
export interface BestsellerSelection {
  ranking: (typeof rankings)[number];
  timeSlot: (typeof timeSlots)[number];
  date: Day | null;
}

/** One place of a ranking of the market. TikTok tells a range of GMV, never a sum. */
export interface Bestseller {
  rank: number | ExactNumber | null;
  /** Of the product, video, LIVE session or creator. */
  id: string;
  title: string | null;
  gmv_range: string | null;
}

export interface BestsellerRanking {
  data: Bestseller[];
  /** The day that the ranking is of; null where none was read. */
  date: Day | null;
  /** Whether TikTok lets the app see rankings; null while it was never asked. */
  permission: 'granted' | 'not_permitted' | null;
  latest_available_date: Day | null;
}

export async function readBestsellers(
  scope: ShopScope,
  sql: Sql | Transaction,
  { ranking, timeSlot, date: asked }: BestsellerSelection,
): Promise<BestsellerRanking> {
  const [known] = await sql<Omit<BestsellerRanking, 'data'>[]>`
    select s.permission, s.latest_available_date::text as latest_available_date, (
      select max(d.date)::text from analytics_days d
      where d.shop_id = ${scope.shopId} and d.stream = 'bestsellers' and (${asked}::text is null or d.date = ${asked}::text::date)
    ) as date
    from (select) one left join analytics_streams s on s.shop_id = ${scope.shopId} and s.stream = 'bestsellers'`;
  const { permission = null, latest_available_date = null, date = null } = known ?? {};
  const rows = await sql<(Omit<Bestseller, 'rank'> & { rank: string | null })[]>`
    select rank::text as rank, subject_id as id, title, gmv_range from analytics_bestsellers b
    where shop_id = ${scope.shopId} and b.date = ${date}::text::date and ranking = ${ranking} and time_slot = ${timeSlot}
    order by b.rank nulls last, subject_id`;
  const data = rows.map(({ rank, ...row }) => ({ rank: rank === null ? null : exactNumber(rank), ...row }));
  return { data, date, permission, latest_available_date };
}
