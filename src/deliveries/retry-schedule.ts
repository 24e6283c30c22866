const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits before each further attempt; the last one goes on until the platform would no longer count the event. */
export const retryWaitsMs = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
] as const;

/** Deliveries that failed together should not all come back in one moment: up to a tenth is added. */
const jitter = 0.1;

/**
 * Milliseconds to wait after a try that came to nothing.
 *
 * @param retries how many of these waits were used up before
 * @param askedMs what the platform asked for, if it did
 */
export function retryWaitMs(
  retries: number,
  askedMs: number | null,
  random: () => number = Math.random,
): number {
  const scheduled = retryWaitsMs[Math.min(retries, retryWaitsMs.length - 1)] ?? 8 * hour;
  const wait = askedMs === null ? scheduled : Math.max(second, askedMs);
  return Math.round(wait * (1 + jitter * random()));
}
