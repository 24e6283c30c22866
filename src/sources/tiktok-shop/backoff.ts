/** Most repetitions of one call inside the client (TikTok Shop Partner Center, "Rate limits"). */
export const maxRetries = 5;

/** A longer wait is left to the caller, so that its worker slot can do other work meanwhile. */
export const longestInlineWaitMs = 10_000;

/**
 * The platform's documented backoff: max(Retry-After, min(1 s × 2^retry + random 0–500 ms, 60 s))
 * (TikTok Shop Partner Center, "Rate limits").
 *
 * @param retry 0 for the first repetition.
 * @param random in [0, 1).
 * @returns milliseconds.
 */
export function backoffMs(retry: number, retryAfterMs: number | null, random: number): number {
  return Math.round(Math.max(retryAfterMs ?? 0, Math.min(1_000 * 2 ** retry + random * 500, 60_000)));
}
