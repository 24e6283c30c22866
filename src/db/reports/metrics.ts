import type { Sql } from '../pool.ts';

/** Null: every shop. Rows that belong to no shop are for those who see every shop. */
export type VisibleShops = readonly string[] | null;

function visible(sql: Sql, shopIds: VisibleShops) {
  return shopIds === null ? sql`true` : sql`shop_id = any(${[...shopIds]})`;
}

export interface BudgetFigures {
  shopId: string;
  endpointFamily: string;
  phase: string;
  rate: number;
  learnedRate: number | null;
  blockedSeconds: number;
  calls: number;
  throttled: number;
}

export function readBudgetFigures(sql: Sql, shopIds: VisibleShops): Promise<BudgetFigures[]> {
  return sql<BudgetFigures[]>`
    select shop_id as "shopId", endpoint_family as "endpointFamily", phase, rate, learned_rate as "learnedRate",
      greatest(0, extract(epoch from blocked_until - clock_timestamp()))::float8 as "blockedSeconds", calls, throttled
    from request_budgets where ${visible(sql, shopIds)} order by app_key, shop_id, endpoint_family`;
}

export interface QuotaFigures {
  shopId: string;
  calls: number;
  learned: number | null;
}

export function readQuotaFigures(sql: Sql, shopIds: VisibleShops): Promise<QuotaFigures[]> {
  return sql<QuotaFigures[]>`
    select shop_id as "shopId", case when hour = date_trunc('hour', now()) then calls else 0 end as calls, learned
    from request_quotas where ${visible(sql, shopIds)} order by app_key, shop_id`;
}

export interface CallFigures {
  shopId: string;
  endpointFamily: string;
  outcome: string;
  calls: number;
  durationMs: number;
}

export function readCallFigures(sql: Sql, shopIds: VisibleShops): Promise<CallFigures[]> {
  return sql<CallFigures[]>`
    select shop_id as "shopId", endpoint_family as "endpointFamily", outcome, calls, duration_ms as "durationMs"
    from api_call_totals where ${visible(sql, shopIds)} order by shop_id, endpoint_family, outcome`;
}

export interface RunFigures {
  shopId: string;
  stream: string;
  mode: string;
  status: string;
  runs: number;
}

export function readRunFigures(sql: Sql, shopIds: VisibleShops): Promise<RunFigures[]> {
  return sql<RunFigures[]>`
    select shop_id as "shopId", stream, mode, status, count(*) as runs
    from sync_runs where ${visible(sql, shopIds)} group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
}

export interface StreamFigures {
  shopId: string;
  stream: string;
  /** Time since the watermark; null while there is none. */
  lagSeconds: number | null;
}

export function readStreamFigures(sql: Sql, shopIds: VisibleShops): Promise<StreamFigures[]> {
  return sql<StreamFigures[]>`
    select shop_id as "shopId", stream, (extract(epoch from now()) - watermark)::float8 as "lagSeconds"
    from stream_states where ${visible(sql, shopIds)} order by shop_id, stream`;
}

export interface ShopFigures {
  shopId: string;
  status: string;
}

export function readShopFigures(sql: Sql, shopIds: VisibleShops): Promise<ShopFigures[]> {
  return sql<ShopFigures[]>`
    select shop_id as "shopId", status from shops where ${visible(sql, shopIds)} order by shop_id`;
}

/** Counting reads an index of every order: whoever asks often should keep the answer for a while. */
export function countOrdersByShop(sql: Sql): Promise<{ shopId: string; orders: number }[]> {
  return sql<{ shopId: string; orders: number }[]>`
    select shop_id as "shopId", count(*) as orders from orders group by shop_id order by shop_id`;
}
