import type { Sql } from '../db/pool.ts';
import { wait } from '../http/wait.ts';

/** Between two requests of one shop: what a person who turns pages would take. Milliseconds. */
const leastGapMs = 1_200;
const jitterMs = 600;

/**
 * Gives each request of a shop its time, whichever worker sends it: never one right after the other, and never at the
 * very same distance.
 */
export function createPace(
  sql: Sql,
  gapMs = leastGapMs,
): (shopId: string, signal: AbortSignal) => Promise<void> {
  return async (shopId, signal) => {
    const gap = gapMs + Math.random() * Math.min(jitterMs, gapMs / 2);
    const [turn] = await sql<{ wait_ms: number }[]>`
      update seller_center_connections set next_request_at = greatest(next_request_at, clock_timestamp())
        + make_interval(secs => ${gap / 1000})
      where shop_id = ${shopId}
      returning extract(epoch from next_request_at - clock_timestamp())::float8 * 1000 - ${gap}::float8 as wait_ms`;
    if (turn !== undefined && turn.wait_ms > 0) await wait(turn.wait_ms, signal);
  };
}
