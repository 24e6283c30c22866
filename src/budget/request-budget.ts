import type { Sql } from '../db/pool.ts';
import { ApiError } from '../sources/tiktok-shop/errors.ts';
import type { BudgetLane, RequestBudget } from '../sources/tiktok-shop/ports.ts';
import { Breaker } from './breaker.ts';
import { lease, pauseUntil, throttle } from './bucket.ts';
import { leaseSize } from './bucket-state.ts';
import { StoredBucket } from './bucket-store.ts';
import { createHourlyQuota } from './hourly-quota.ts';
import { parallelCalls } from './parallel-calls.ts';
import { ShortestLatency } from './shortest-latency.ts';
import { WaitingCalls } from './waiting-calls.ts';

export interface RequestBudgetOptions {
  sql: Sql;
  appKey: string;
  /** Upper bound of the rate of one shop and endpoint family, calls per second over all workers. */
  requestsPerSecond: number;
  /** Development shops: their hourly quota is kept as well. */
  sandbox?: boolean;
  /** In [0, 1); for tests. */
  random?: () => number;
}

/** Calls that wait in this process. */
export interface WaitingCount {
  shopId: string;
  endpointFamily: string;
  lane: BudgetLane;
  calls: number;
}

export interface SharedRequestBudget extends RequestBudget {
  /** Calls of a family that are worth having in flight at once, from its rate and upstream's latency. */
  parallelCalls(shopId: string, endpointFamily: string): number;
  waiting(): WaitingCount[];
}

/** What one process knows of one shop's endpoint family. */
interface Family {
  shopId: string;
  endpointFamily: string;
  bucket: StoredBucket;
  calls: WaitingCalls;
  breaker: Breaker;
  latency: ShortestLatency;
}

/**
 * The rate limit that all workers share: an adaptive token bucket in PostgreSQL for each shop and endpoint family,
 * because TikTok limits each by itself (TikTok Shop Partner Center, "Rate limits"). Calls are booked ahead in small
 * batches; whoever books later waits longer, which keeps the order between processes without polling.
 */
export function createRequestBudget(options: RequestBudgetOptions): SharedRequestBudget {
  const { sql, appKey, requestsPerSecond, random = Math.random } = options;
  const limits = { largestRate: requestsPerSecond };
  const quota = options.sandbox ? createHourlyQuota(sql, appKey) : null;
  const families = new Map<string, Family>();

  function familyOf({ shopId, endpointFamily }: { shopId: string; endpointFamily: string }): Family {
    const name = `${shopId} ${endpointFamily}`;
    const known = families.get(name);
    if (known !== undefined) return known;
    const bucket = new StoredBucket(sql, { appKey, shopId, endpointFamily }, limits);
    const calls = new WaitingCalls({
      book: (request) => book(bucket, shopId, request),
      refusal: usedUp,
    });
    const family = {
      shopId,
      endpointFamily,
      bucket,
      calls,
      breaker: new Breaker(),
      latency: new ShortestLatency(),
    };
    families.set(name, family);
    return family;
  }

  async function book(
    bucket: StoredBucket,
    shopId: string,
    { wanted, unused, lane }: { wanted: number; unused: number; lane: BudgetLane },
  ) {
    if (quota !== null && unused > 0) await quota.giveBack(shopId, unused);
    const allowed = quota === null ? null : await quota.take(shopId, wanted, lane);
    if (allowed?.count === 0) return { count: 0 as const, waitMs: allowed.waitMs };
    const most = allowed?.count ?? wanted;
    const booking = await bucket.change((state, now) =>
      lease(state, limits, { now, count: Math.min(most, leaseSize(state)), unused }),
    );
    const left = most - booking.count;
    if (quota !== null && left > 0) await quota.giveBack(shopId, left);
    return booking;
  }

  return {
    async acquire(call, signal) {
      const { breaker, calls } = familyOf(call);
      const awayMs = breaker.admit();
      if (awayMs > 0) throw suspended(awayMs);
      try {
        await calls.acquire(call.lane, signal);
      } catch (error) {
        breaker.abandoned();
        throw error;
      }
    },

    async report(call, outcome) {
      const family = familyOf(call);
      const { breaker, bucket, calls } = family;
      switch (outcome.kind) {
        case 'answered':
          breaker.answered();
          family.latency.observe(outcome.latencyMs, performance.now());
          return;
        case 'throttled': {
          breaker.answered();
          const chance = random();
          // Nobody here calls before the database has said for how long.
          const unused = calls.block(0);
          const blockedMs = await bucket.change((state, now) => {
            const next = throttle(state, limits, { ...outcome, now, unused, random: chance });
            return { state: next, answer: next.blockedUntil - now };
          });
          calls.block(blockedMs);
          return;
        }
        case 'quota-exhausted':
          breaker.answered();
          await quota?.exhausted(call.shopId);
          calls.block(outcome.retryAfterMs);
          await bucket.change((state, now) => ({
            state: pauseUntil(state, now + outcome.retryAfterMs),
            answer: undefined,
          }));
          return;
        case 'failed':
          breaker.failed();
          return;
        case 'abandoned':
          breaker.abandoned();
      }
    },

    parallelCalls(shopId, endpointFamily) {
      const { bucket, latency } = familyOf({ shopId, endpointFamily });
      return parallelCalls({ state: bucket.lastSeen, latencyMs: latency.get() ?? 0, ...limits });
    },

    waiting: () =>
      [...families.values()].flatMap(({ shopId, endpointFamily, calls }) =>
        Object.entries(calls.waiting()).map(([lane, count]) => ({
          shopId,
          endpointFamily,
          lane: lane as BudgetLane,
          calls: count,
        })),
      ),
  };
}

function usedUp(retryAfterMs: number): ApiError {
  return new ApiError({
    kind: 'rate-limited',
    message: 'The calls that TikTok Shop admits for this shop are used up for the moment.',
    action: 'Nothing: work goes on by itself.',
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}

function suspended(retryAfterMs: number): ApiError {
  return new ApiError({
    kind: 'transient',
    code: 'upstream-suspended',
    message:
      'TikTok Shop has answered none of the latest calls for this shop; now and then one call tries again.',
    action: "Nothing: work goes on by itself. If it lasts, look at TikTok's status page.",
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}
