import type { BucketState } from './bucket-state.ts';

/** Calls in flight while nothing is known yet: enough for an upstream that answers at once. */
const fewestBeforeKnown = 8;
const fewest = 2;
/** A call is made a little later than it could be: pages are parsed and written, and timers are late. */
const slackSeconds = 0.25;
/** Calls in flight wander about their mean. */
const spread = 1.3;

/**
 * Calls of a family worth having in flight at once (Little's law: rate × latency). More would only wait in the
 * worker's slots.
 *
 * @param state null while this process has not booked any call yet.
 */
export function parallelCalls({
  state,
  latencyMs,
  largestRate,
}: {
  state: BucketState | null;
  latencyMs: number;
  largestRate: number;
}): number {
  const seconds = latencyMs / 1000;
  if (state === null || state.learnedRate === null) {
    return Math.max(fewestBeforeKnown, Math.ceil(largestRate * seconds * spread) + fewest);
  }
  return Math.ceil(state.rate * (seconds + slackSeconds)) + fewest;
}
