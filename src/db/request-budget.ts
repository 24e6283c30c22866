import { ApiError } from '../sources/tiktok-shop/errors.ts';
import type { RequestBudget } from '../sources/tiktok-shop/ports.ts';
import { BudgetLane } from './budget-lane.ts';
import type { Sql } from './pool.ts';

export interface RequestBudgetOptions {
  sql: Sql;
  appKey: string;
  /** Upper bound of the rate of one shop and endpoint family, calls per second over all workers. */
  requestsPerSecond: number;
}

/** Calls are taken from the table for this long at once: short enough to share, long enough to cost nothing. */
const leaseSeconds = 0.2;
/** The rate grows back by this part of its upper bound each second without a throttle. */
const recoveryPerSecond = 0.05;
/** However often upstream throttles, the rate stays above this part of its upper bound. */
const floorShare = 0.01;

/**
 * The rate limit that all workers share: a token bucket row for each shop and endpoint family, because TikTok
 * limits each by itself (TikTok Shop Partner Center, "Rate limits"). Batches are booked ahead, so the bucket may
 * be in debt, and whoever booked later waits longer: that keeps the order between processes without polling.
 */
export function createRequestBudget({ sql, appKey, requestsPerSecond }: RequestBudgetOptions): RequestBudget {
  const lanes = new Map<string, BudgetLane>();
  const capacity = Math.max(1, requestsPerSecond * leaseSeconds);
  const floor = requestsPerSecond * floorShare;

  async function lease(shopId: string, family: string, count: number): Promise<LeaseRow> {
    for (;;) {
      const [row] = await sql<LeaseRow[]>`
        update request_budgets set
          rate = least(${requestsPerSecond}, rate + ${recoveryPerSecond * requestsPerSecond}
            * greatest(0, extract(epoch from clock_timestamp() - greatest(refilled_at, blocked_until)))),
          tokens = least(${capacity}, tokens
            + rate * greatest(0, extract(epoch from clock_timestamp() - refilled_at))) - ${count},
          refilled_at = clock_timestamp()
        where app_key = ${appKey} and shop_id = ${shopId} and endpoint_family = ${family}
        returning rate, tokens,
          greatest(0, extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8 as blocked_ms,
          ${quickCommit(sql)}`;
      if (row !== undefined) return row;
      await sql`
        insert into request_budgets (app_key, shop_id, endpoint_family, rate, tokens)
        values (${appKey}, ${shopId}, ${family}, ${requestsPerSecond}, ${capacity})
        on conflict do nothing`;
    }
  }

  function laneOf(shopId: string, family: string): BudgetLane {
    const name = `${shopId} ${family}`;
    const known = lanes.get(name);
    if (known !== undefined) return known;
    let rate = requestsPerSecond;
    const lane = new BudgetLane(async () => {
      const count = Math.max(1, Math.ceil(rate * leaseSeconds));
      const row = await lease(shopId, family, count);
      rate = row.rate;
      const debtMs = row.tokens < 0 ? (-row.tokens / row.rate) * 1000 : 0;
      return { count, debtMs, blockedMs: row.blocked_ms ?? 0 };
    }, blocked);
    lanes.set(name, lane);
    return lane;
  }

  return {
    acquire: (shopId, endpointFamily, signal) => laneOf(shopId, endpointFamily).acquire(signal),

    async throttled(shopId, endpointFamily, waitMs) {
      laneOf(shopId, endpointFamily).block(waitMs);
      // Answers to calls that were on their way come while it is blocked already: they are one throttle, not many.
      await sql`
        insert into request_budgets as b (app_key, shop_id, endpoint_family, rate, tokens, blocked_until)
        values (${appKey}, ${shopId}, ${endpointFamily}, ${requestsPerSecond / 2}, 0,
                clock_timestamp() + make_interval(secs => ${Math.max(waitMs, 1_000) / 1000}))
        on conflict (app_key, shop_id, endpoint_family) do update set
          rate = case when b.blocked_until > clock_timestamp() then b.rate
                      else greatest(${floor}, least(${requestsPerSecond}, b.rate) / 2) end,
          tokens = least(b.tokens, 0),
          blocked_until = greatest(b.blocked_until, excluded.blocked_until)
        returning ${quickCommit(sql)}`;
    },
  };
}

interface LeaseRow {
  rate: number;
  tokens: number;
  blocked_ms: number | null;
}

/** A budget that a crash sets back by a moment costs nothing; a flush to disk for each batch would. */
function quickCommit(sql: Sql) {
  return sql`set_config('synchronous_commit', 'off', true) as quick_commit`;
}

function blocked(retryAfterMs: number): ApiError {
  return new ApiError({
    kind: 'rate-limited',
    code: 'rate-limited',
    message: 'TikTok Shop asked for a pause in these calls of the shop.',
    action: 'Nothing: work goes on by itself.',
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}
