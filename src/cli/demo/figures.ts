import type { ApiClient } from './api-client.ts';

export interface DayFigures {
  date: string;
  orders: number;
  gmv: string;
}

/** What is stored of one shop, in one currency. */
export interface ShopFigures {
  shop_id: string;
  orders: number;
  gmv: string;
  currency: string | null;
  by_day: DayFigures[];
}

interface Statistics {
  total_orders: number;
  gmv: string;
  currency: string | null;
  by_day: DayFigures[];
}

/** Asks the API for the totals of each shop; one element for each currency of a shop. */
export async function readFigures(api: ApiClient, shopIds: readonly string[]): Promise<ShopFigures[]> {
  const answers = await Promise.all(
    shopIds.map(async (shopId) => {
      const answer = await api.get<Statistics | { by_currency: Statistics[] }>(
        `/api/v1/shops/${shopId}/orders/stats`,
      );
      const all = 'by_currency' in answer ? answer.by_currency : [answer];
      return all.map((statistics) => ({
        shop_id: shopId,
        orders: statistics.total_orders,
        gmv: statistics.gmv,
        currency: statistics.currency,
        by_day: statistics.by_day,
      }));
    }),
  );
  return answers.flat();
}

/** The days with the most orders, the earlier one first where two have as many. */
export function busiestDays(days: readonly DayFigures[], count: number): DayFigures[] {
  return [...days]
    .sort((left, right) => right.orders - left.orders || left.date.localeCompare(right.date))
    .slice(0, count);
}
